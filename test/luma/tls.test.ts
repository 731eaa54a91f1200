import { describe, expect, it } from 'vitest';
import { createLumaApi } from '../../src/luma/api.js';
import { askInProcess, tlsLuma } from './support/ask-in-process.js';
import { certificateFor } from './support/certificate.js';
import { absurdServer, json, rejection } from './support/server.js';

describe('trouble with TLS is unavailability that says so', () => {
  const troubleAt = (baseUrl: string) => rejection(createLumaApi({ baseUrl }).getCalendar('secret-key'));

  it('a self-signed certificate', async () => {
    const port = await tlsLuma(certificateFor('localhost'));
    expect(await troubleAt(`https://localhost:${port}`)).toMatchObject({
      name: 'LumaUnavailable',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      message: expect.stringMatching(/TLS: the certificate is self-signed – .*NODE_EXTRA_CA_CERTS/) as string,
    });
  });

  it('a port that does not speak TLS', async () => {
    const server = await absurdServer((_, response) => json(response, 200, { id: 'cal-1' }));
    expect(await troubleAt(server.url.replace('http:', 'https:'))).toMatchObject({
      name: 'LumaUnavailable',
      code: expect.stringMatching(/^ERR_SSL_/) as string,
      message: expect.stringContaining('TLS: what listens there does not speak TLS') as string,
    });
    expect(server.asked).toHaveLength(0);
  });

  it('a certificate that has expired, or is for another host; and one that is right is accepted', async () => {
    const right = certificateFor('localhost');
    const expired = certificateFor('localhost', new Date(Date.now() - 60_000));
    const another = certificateFor('luma.example');
    const urls = await Promise.all(
      [right, expired, another].map(async (certificate) => `https://localhost:${await tlsLuma(certificate)}`),
    );
    expect(await askInProcess(urls, { trusted: [right, expired, another] })).toEqual([
      'cal-1',
      expect.stringMatching(/^LumaUnavailable: .*CERT_HAS_EXPIRED: TLS: the certificate has expired/),
      expect.stringMatching(/^LumaUnavailable: .*ERR_TLS_CERT_ALTNAME_INVALID: TLS: .* for another host/),
    ]);
  });
});
