import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../support/temp-folder.js';
import { certificateFor, type Certificate } from '../luma/support/certificate.js';
import { tunnelProxy } from '../luma/support/proxy.js';
import { useRig } from '../support/rig.js';
import { deploy } from './support/deployment.js';
import { luma } from './support/executable.js';

const rig = useRig();

/** TLS before a server that has none. @returns its port on 127.0.0.1 */
async function tlsBefore(upstreamPort: number, certificate: Certificate): Promise<number> {
  const server = createServer(certificate, (socket) => {
    const upstream = connect(upstreamPort, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    socket.on('error', () => upstream.destroy());
    socket.on('close', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('a worker behind a proxy syncs through it; the proxy sees Luma’s host and no key', async () => {
  await rig.startLuma({ calendars: [{ events: 5 }] });
  const certificate = certificateFor('luma.test');
  const proxy = await tunnelProxy(await tlsBefore(Number(new URL(rig.luma.url).port), certificate));
  const ca = join(await tempFolder(), 'ca.pem');
  await writeFile(ca, certificate.cert);
  const deployment = await deploy(rig);
  await deployment.addOrganization('acme', 0);
  const worker = await deployment.startWorker({
    LUMA_BASE_URL: 'https://luma.test',
    HTTPS_PROXY: proxy.url.replace('//', '//agent:password-canary@'),
    NODE_EXTRA_CA_CERTS: ca,
  });

  const synced = await luma(['sync', '--org', 'acme', '--json'], deployment.env);

  expect({ code: synced.code, stderr: synced.stderr }).toMatchObject({ code: 0 });
  expect(await rig.store.db.collection('events').countDocuments({ orgId: 'acme' })).toBeGreaterThan(0);
  expect(new Set(proxy.connects)).toEqual(new Set(['luma.test:443']));
  expect(proxy.passed()).not.toContain(rig.luma.calendars[0]?.key);
  worker.kill('SIGTERM');
  const { code, stdout, stderr } = await worker.ended;
  expect(code).toBe(0);
  expect(stdout + stderr).not.toContain('password-canary');
});

test('a worker refuses settings that would send keys in the clear, and a proxy that is none', async () => {
  const { code, stderr } = await luma(['worker'], {
    LUMA_BASE_URL: 'http://luma.internal',
    https_proxy: 'socks5://password-canary@proxy:1080',
  });
  expect(code).toBe(2);
  expect(stderr).toContain('LUMA_BASE_URL begins with http://');
  expect(stderr).toContain('https_proxy is not the address of an HTTP proxy');
  expect(stderr).not.toContain('password-canary');
});
