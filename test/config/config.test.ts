import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, type ConfigPart, readConfig, SETTINGS } from '../../src/config.js';

const key = createHash('sha256').update('a key').digest('base64');
const whole = { MONGODB_URI: 'mongodb://127.0.0.1:27017/app', LUMA_SYNC_KEYRING: `k1:${key}` };
const everything: ConfigPart[] = ['temporal', 'mongo', 'keyring', 'lumaApiKey'];

function problemsOf(env: NodeJS.ProcessEnv, needs: ConfigPart[] = everything): readonly string[] {
  try {
    readConfig(env, needs);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'luma-sync-config-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('settings', () => {
  it('have the documented defaults', () => {
    const config = readConfig(whole, ['temporal', 'mongo', 'keyring']);
    expect(config).toMatchObject({
      logLevel: 'info',
      lumaBaseUrl: 'https://public-api.luma.com',
      temporal: { address: '127.0.0.1:7233', namespace: 'default' },
      mongo: { uri: whole.MONGODB_URI, db: 'app' },
    });
    expect(config.keyring.keyIds).toEqual(['k1']);
  });

  it('that are wrong or missing are all reported at once, each by name with what to do', () => {
    const problems = problemsOf({
      TEMPORAL_ADDRESS: 'http://127.0.0.1:7233',
      LUMA_BASE_URL: 'public-api.luma.com',
      LOG_LEVEL: 'loud',
      LUMA_API_KEY: 'two words',
    });
    const names = problems.map((problem) => problem.split(' ')[0]);
    expect(names.sort()).toEqual(
      [
        'LOG_LEVEL',
        'LUMA_API_KEY',
        'LUMA_BASE_URL',
        'LUMA_SYNC_KEYRING',
        'MONGODB_URI',
        'TEMPORAL_ADDRESS',
      ].sort(),
    );
    for (const problem of problems) expect(problem).toContain(' – ');
  });

  it('that a command does not need cannot stop it', () => {
    const broken = { MONGODB_URI: 'nonsense', LUMA_SYNC_KEYRING: 'nonsense', LUMA_API_KEY: 'two words' };
    expect(problemsOf(broken, ['temporal'])).toEqual([]);
    expect(
      problemsOf({ ...broken, TEMPORAL_ADDRESS: 'a b', MONGODB_URI: whole.MONGODB_URI }, ['mongo']),
    ).toEqual([]);
  });

  it('that are set to nothing count as not set', () => {
    const config = readConfig({ ...whole, LOG_LEVEL: '', LUMA_BASE_URL: ' ', TEMPORAL_ADDRESS: '' }, [
      'temporal',
    ]);
    expect(config.logLevel).toBe('info');
    expect(config.temporal.address).toBe('127.0.0.1:7233');
    expect(problemsOf({ ...whole, MONGODB_URI: '' })).toEqual([
      expect.stringContaining('MONGODB_URI is not set'),
    ]);
  });

  it('never show a secret when they are wrong', () => {
    const secret = 'hunter2canary';
    const problems = problemsOf({
      MONGODB_URI: `mongodb://user:${secret}@@host/db`,
      LUMA_SYNC_KEYRING: `k1:${secret}`,
      LUMA_API_KEY: `${secret} ${secret}`,
      LUMA_BASE_URL: `https://user:${secret}@luma.com`,
      TEMPORAL_API_KEY: secret,
      TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere',
      TEMPORAL_PROFILE: 'missing',
    });
    expect(problems).toHaveLength(5);
    expect(problems.join('\n')).not.toContain(secret);
  });

  it.each([
    ['MONGODB_URI', 'mongodb://127.0.0.1/app\n', 'ends with a line end'],
    ['MONGODB_URI', 'mongodb://127.0.0.1/app\r\n', 'ends with a line end'],
    ['MONGODB_URI', 'mongodb://127.0\n.0.1/app', 'holds a line end'],
    ['MONGODB_DB', 'app\n', 'ends with a line end'],
    ['TEMPORAL_ADDRESS', '127.0.0.1:7233\n', 'ends with a line end'],
    ['TEMPORAL_NAMESPACE', 'default\n', 'ends with a line end'],
    ['TEMPORAL_API_KEY', 'hunter2canary\n', 'ends with a line end'],
    ['TEMPORAL_GRPC_META_TEAM', 'a\nb', 'holds a line end'],
    ['LUMA_BASE_URL', 'https://public-api.luma.com\n', 'ends with a line end'],
    ['LUMA_API_KEY', 'secret-\nhunter2canary', 'holds a line end'],
    ['LUMA_SYNC_KEYRING_FILE', '/nowhere/ring\n', 'ends with a line end'],
    ['LOG_LEVEL', 'info\n', 'ends with a line end'],
  ])('%s with a line end is named as that: %j', (name, value, words) => {
    const { LUMA_SYNC_KEYRING, ...rest } = whole;
    const env = {
      ...(name === 'LUMA_SYNC_KEYRING_FILE' ? rest : { ...rest, LUMA_SYNC_KEYRING }),
      [name]: value,
    };
    const problems = problemsOf(env);
    expect(problems[0]).toContain(`${name} ${words} – `);
    expect(problems.filter((problem) => problem.startsWith(`${name} `))).toEqual(
      name === 'LUMA_SYNC_KEYRING_FILE' ? problems : [problems[0]],
    );
    expect(problems.join()).not.toContain('canary');
  });

  it('that may have line ends keep them: a key ring in lines, PEM data, a pasted key', () => {
    expect(
      problemsOf({
        ...whole,
        LUMA_SYNC_KEYRING: `\nk1:${key}\r\n`,
        LUMA_API_KEY: ' secret-abc\n',
        TEMPORAL_TLS_SERVER_CA_CERT_DATA: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      }),
    ).toEqual([]);
    expect(
      problemsOf(
        { LUMA_BASE_URL: 'https://luma.com', MONGODB_URI: 'mongodb://h\n', SHELL_THING: 'a\nb' },
        [],
      ),
    ).toEqual([]);
  });

  it('are each in the table that help and docs/settings.md show', () => {
    for (const name of Object.keys(whole)) expect(SETTINGS.map((setting) => setting.name)).toContain(name);
    expect(SETTINGS.every(({ meaning }) => meaning !== '')).toBe(true);
  });
});

describe('MONGODB_URI and MONGODB_DB', () => {
  it.each([
    ['mongodb://127.0.0.1', 'luma_sync'],
    ['mongodb://127.0.0.1:27017/?directConnection=true', 'luma_sync'],
    ['mongodb://user:p%40ss@a:27017,b:27017/app?replicaSet=rs', 'app'],
    ['mongodb+srv://user:pass@cluster.example.net/app', 'app'],
    ['mongodb://[::1]:27017/app', 'app'],
  ])('%s is the database %s', (uri, db) => {
    expect(readConfig({ MONGODB_URI: uri }, ['mongo']).mongo).toEqual({ uri, db });
  });

  it('the name that is set wins over the one in the URI', () => {
    expect(readConfig({ ...whole, MONGODB_DB: 'other' }, ['mongo']).mongo.db).toBe('other');
  });

  it.each([
    'http://127.0.0.1',
    '127.0.0.1:27017',
    'mongodb://',
    'mongodb://u:p@ss@host',
    'mongodb://h/a b',
    'mongodb://h/a.b',
  ])('%s is refused', (uri) => {
    expect(problemsOf({ MONGODB_URI: uri }, ['mongo'])).toEqual([expect.stringMatching(/^MONGODB_URI /)]);
  });

  it('a database name that cannot be is refused', () => {
    expect(problemsOf({ ...whole, MONGODB_DB: 'a/b' })).toEqual([expect.stringMatching(/^MONGODB_DB /)]);
  });
});

describe('LUMA_SYNC_SCOPE', () => {
  it('names a deployment; nothing is the ordinary one', () => {
    expect(readConfig({ LUMA_SYNC_SCOPE: 'staging-2' }, []).scope).toBe('staging-2');
    expect(readConfig({ LUMA_SYNC_SCOPE: '' }, [])).not.toHaveProperty('scope');
  });

  it.each(['a/b', '-a', 'a b', 'ä', 'x'.repeat(41), 'luma-org-sync'])('%s is refused', (scope) => {
    expect(problemsOf({ LUMA_SYNC_SCOPE: scope }, [])).toEqual([expect.stringMatching(/^LUMA_SYNC_SCOPE /)]);
  });
});

describe('LUMA_BASE_URL', () => {
  it('keeps a path and loses slashes at its end', () => {
    expect(readConfig({ LUMA_BASE_URL: 'http://127.0.0.1:8080/public//' }, []).lumaBaseUrl).toBe(
      'http://127.0.0.1:8080/public',
    );
  });

  it.each(['ftp://luma.com', 'luma.com', 'https://u@luma.com', 'https://luma.com?x=1'])(
    '%s is refused',
    (url) => {
      expect(problemsOf({ LUMA_BASE_URL: url }, [])).toEqual([expect.stringMatching(/^LUMA_BASE_URL /)]);
    },
  );
});

describe('LUMA_BASE_URL with http:', () => {
  const refusal = expect.stringMatching(
    /^LUMA_BASE_URL begins with http:\/\/.*LUMA_SYNC_ALLOW_HTTP=1/,
  ) as string;

  it.each(['http://localhost:4010', 'http://127.0.0.1', 'http://[::1]'])('%s is this machine', (url) => {
    expect(problemsOf({ LUMA_BASE_URL: url }, [])).toEqual([]);
  });

  it.each(['http://public-api.luma.com', 'http://10.0.0.5:8080', 'http://localhost.example'])(
    '%s is refused, unless it is allowed',
    (url) => {
      expect(problemsOf({ LUMA_BASE_URL: url }, [])).toEqual([refusal]);
      expect(problemsOf({ LUMA_BASE_URL: url, LUMA_SYNC_ALLOW_HTTP: '0' }, [])).toEqual([refusal]);
      const config = readConfig({ LUMA_BASE_URL: url, LUMA_SYNC_ALLOW_HTTP: '1' }, []);
      expect(config).toMatchObject({ lumaBaseUrl: url, lumaAllowHttp: true });
    },
  );

  it('is refused beside whatever else is wrong', () => {
    expect(problemsOf({ LUMA_BASE_URL: 'http://luma', LOG_LEVEL: 'loud' }, [])).toEqual([
      expect.stringMatching(/^LOG_LEVEL /),
      refusal,
    ]);
  });

  it('is allowed by 1 or 0 only', () => {
    expect(problemsOf({ LUMA_BASE_URL: 'http://luma', LUMA_SYNC_ALLOW_HTTP: 'maybe' }, [])).toEqual([
      expect.stringMatching(/^LUMA_SYNC_ALLOW_HTTP is neither/),
    ]);
  });
});

describe('LUMA_SYNC_STATUS_TOKEN', () => {
  const token = 'hunter2canary-hunter2canary-hunter2canary';

  it('is read by whoever needs it, without blanks around it', () => {
    expect(readConfig({ LUMA_SYNC_STATUS_TOKEN: ` ${token} ` }, ['statusToken']).statusToken).toBe(token);
    expect(readConfig({}, ['statusToken']).statusToken).toBeUndefined();
    expect(readConfig({ LUMA_SYNC_STATUS_TOKEN: 'short' }, ['temporal'])).not.toHaveProperty('statusToken');
  });

  it('that is too short to be safe, or too long, is refused without quoting it', () => {
    for (const bad of [token.slice(0, 31), token.repeat(30)]) {
      const problems = problemsOf({ LUMA_SYNC_STATUS_TOKEN: bad }, ['statusToken']);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(
        /^LUMA_SYNC_STATUS_TOKEN has .* 1?,?\d+ characters – make one: openssl rand/,
      );
      expect(problems[0]).not.toContain('canary');
    }
    expect(problemsOf({ LUMA_SYNC_STATUS_TOKEN: token.slice(0, 32) }, ['statusToken'])).toEqual([]);
  });
});

describe('LUMA_SYNC_NOTIFY_URL and LUMA_SYNC_NOTIFY_SECRET', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const url = 'https://example.org/hook/hunter2canary';

  it('are read together, and off where there is no address', () => {
    const env = { LUMA_SYNC_NOTIFY_URL: url, LUMA_SYNC_NOTIFY_SECRET: secret };
    expect(readConfig(env, ['notices']).notices).toEqual({ url, secret });
    expect(readConfig({ LUMA_SYNC_NOTIFY_SECRET: secret }, ['notices']).notices).toBeUndefined();
  });

  it('stop no command that tells nobody anything', () => {
    expect(
      problemsOf({ LUMA_SYNC_NOTIFY_URL: 'nowhere', LUMA_SYNC_NOTIFY_SECRET: 'x' }, ['temporal']),
    ).toEqual([]);
  });

  it.each<[NodeJS.ProcessEnv, RegExp]>([
    [{ LUMA_SYNC_NOTIFY_URL: url }, /^LUMA_SYNC_NOTIFY_SECRET is not set, .*openssl rand/],
    [
      { LUMA_SYNC_NOTIFY_URL: 'hunter2canary', LUMA_SYNC_NOTIFY_SECRET: secret },
      /^LUMA_SYNC_NOTIFY_URL is not/,
    ],
    [
      { LUMA_SYNC_NOTIFY_URL: 'https://a:hunter2canary@b', LUMA_SYNC_NOTIFY_SECRET: secret },
      /^LUMA_SYNC_NOTIFY_URL contains a user name/,
    ],
    [
      { LUMA_SYNC_NOTIFY_URL: url, LUMA_SYNC_NOTIFY_SECRET: 'whsec_hunter2canary' },
      /^LUMA_SYNC_NOTIFY_SECRET is not whsec_/,
    ],
  ])('%o is one problem, which quotes no value', (env, problem) => {
    const problems = problemsOf(env, ['notices']);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain('hunter2canary');
  });
});

describe('LUMA_SYNC_VERSIONING', () => {
  it('is off, on with 1, and nothing else', () => {
    expect(readConfig({}, []).versioning).toBeUndefined();
    expect(readConfig({ LUMA_SYNC_VERSIONING: '1' }, []).versioning).toBe(true);
    expect(problemsOf({ LUMA_SYNC_VERSIONING: 'pinned' }, [])).toEqual([
      expect.stringMatching(/^LUMA_SYNC_VERSIONING is neither 1 nor 0/),
    ]);
  });
});

describe('HTTPS_PROXY, HTTP_PROXY and NO_PROXY', () => {
  const proxies = (env: NodeJS.ProcessEnv) => readConfig(env, ['lumaProxies']).lumaProxies;

  it('that are not set, or set to nothing, are no proxies', () => {
    expect(proxies({})).toBeUndefined();
    expect(proxies({ HTTPS_PROXY: '', https_proxy: ' ', NO_PROXY: '*' })).toBeUndefined();
  });

  it('are read in both spellings, small letters first, with or without a scheme', () => {
    expect(
      proxies({
        HTTPS_PROXY: 'http://wrong:1',
        https_proxy: 'me:p%40ss@proxy.internal:3128',
        HTTP_PROXY: 'https://other.internal',
        NO_PROXY: ' luma.internal,.example ',
      }),
    ).toEqual({
      httpsProxy: 'http://me:p%40ss@proxy.internal:3128/',
      httpProxy: 'https://other.internal/',
      noProxy: 'luma.internal,.example',
    });
  });

  it.each(['socks5://hunter2canary@proxy', 'http://', 'http://a b', 'http://hunter2canary%@proxy'])(
    '%s is refused without being quoted, to whoever asks Luma only',
    (value) => {
      const problems = problemsOf({ https_proxy: value, HTTP_PROXY: value }, ['lumaProxies']);
      expect(problems).toEqual([
        expect.stringMatching(/^https_proxy is not the address of an HTTP proxy – /),
        expect.stringMatching(/^HTTP_PROXY is not the address of an HTTP proxy – /),
      ]);
      expect(problems.join()).not.toContain('hunter2canary');
      expect(problemsOf({ https_proxy: value }, ['temporal'])).toEqual([]);
    },
  );
});

describe('the key ring', () => {
  it('may be in a file', async () => {
    const file = join(folder, 'ring');
    await writeFile(file, `k2:${key}\nk1:${key}\n`);
    expect(readConfig({ LUMA_SYNC_KEYRING_FILE: file }, ['keyring']).keyring.sealingKeyId).toBe('k2');
  });

  it('is refused in both places, in a file that is missing, and where it is broken', () => {
    const refused = (env: NodeJS.ProcessEnv): string => problemsOf(env, ['keyring']).join('\n');
    expect(refused({ LUMA_SYNC_KEYRING: `k1:${key}`, LUMA_SYNC_KEYRING_FILE: 'x' })).toContain('both set');
    expect(refused({ LUMA_SYNC_KEYRING_FILE: '/nowhere/ring' })).toContain(
      '/nowhere/ring cannot be read (ENOENT)',
    );
    expect(refused({ LUMA_SYNC_KEYRING: 'k1:AAAA' })).toContain('3 bytes instead of 32');
  });

  it('that is missing is asked for with the command that makes one', () => {
    const problems = problemsOf({}, ['keyring']);
    expect(problems).toEqual([expect.stringContaining('luma-sync keyring new')]);
    expect(problems.join()).not.toMatch(/openssl|export/);
  });

  it.runIf(process.platform !== 'win32')(
    'in a file that others may read is used, with a warning',
    async () => {
      const file = join(folder, 'loose');
      await writeFile(file, `k1:${key}\n`);
      const read = (needs: ConfigPart[] = ['keyring']) =>
        readConfig({ LUMA_SYNC_KEYRING_FILE: file }, needs).warnings;
      for (const [mode, octal] of [
        [0o644, '0644'],
        [0o640, '0640'],
        [0o602, '0602'],
      ] as const) {
        await chmod(file, mode);
        expect(read()).toEqual([
          `the key ring ${file} can be read or written by other users (mode ${octal}) – run: chmod 600 ${file}`,
        ]);
      }
      expect(read([])).toBeUndefined();
      for (const mode of [0o600, 0o400, 0o700, 0o711]) {
        await chmod(file, mode);
        expect(read()).toBeUndefined();
      }
    },
  );
});

describe('TEMPORAL_*', () => {
  it('is read as the Temporal CLI reads it', () => {
    const { temporal } = readConfig(
      {
        TEMPORAL_ADDRESS: 'temporal.example.net:7233',
        TEMPORAL_NAMESPACE: 'calendars',
        TEMPORAL_API_KEY: 'a-key',
        TEMPORAL_GRPC_META_TEAM: 'events',
      },
      ['temporal'],
    );
    expect(temporal).toMatchObject({ address: 'temporal.example.net:7233', namespace: 'calendars' });
    expect(temporal.connectionOptions).toMatchObject({
      apiKey: 'a-key',
      tls: true,
      metadata: { team: 'events' },
    });
  });

  it('may come from a profile of a config file', async () => {
    const file = join(folder, 'temporal.toml');
    await writeFile(file, '[profile.staging]\naddress = "staging:7233"\nnamespace = "s"\n');
    const { temporal } = readConfig({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'staging' }, [
      'temporal',
    ]);
    expect(temporal).toMatchObject({ address: 'staging:7233', namespace: 's' });
  });

  it('a broken config file is refused without quoting it', async () => {
    const file = join(folder, 'broken.toml');
    await writeFile(file, '[profile.default]\napi_key = "hunter2canary\n');
    const problems = problemsOf({ TEMPORAL_CONFIG_FILE: file }, ['temporal']);
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('hunter2');
  });

  describe('the default config file', () => {
    const temporalOf = (env: NodeJS.ProcessEnv) => readConfig(env, ['temporal']).temporal;
    const fileIn = async (name: string) => {
      const dir = join(folder, name, '.config', 'temporalio');
      await mkdir(dir, { recursive: true });
      return join(dir, 'temporal.toml');
    };

    it('is read', async () => {
      await writeFile(await fileIn('good'), '[profile.default]\nnamespace = "theirs"\n');
      expect(temporalOf({ HOME: join(folder, 'good'), XDG_CONFIG_HOME: '' }).namespace).toBe('theirs');
    });

    it('that cannot be read, or cannot be there, counts as none', async () => {
      await mkdir(await fileIn('folder'));
      for (const env of [
        { HOME: '/dev/null' },
        { HOME: '/nonexistent' },
        {},
        { HOME: join(folder, 'folder') },
      ]) {
        expect(temporalOf({ ...env, TEMPORAL_NAMESPACE: 'mine' })).toMatchObject({
          address: '127.0.0.1:7233',
          namespace: 'mine',
        });
      }
    });

    it('that cannot be read is an error where it is named, or a profile of it, or a certificate cannot be read', async () => {
      const HOME = join(folder, 'cert');
      await writeFile(await fileIn('cert'), '[profile.default.tls]\nclient_cert_path = "/nowhere/cert"\n');
      for (const env of [
        { HOME: '/dev/null', TEMPORAL_CONFIG_FILE: '/dev/null/temporalio/temporal.toml' },
        { HOME: '/dev/null', TEMPORAL_PROFILE: 'staging' },
        { HOME: '/dev/null', TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere/cert' },
        { HOME },
      ]) {
        expect(problemsOf(env, ['temporal'])).toEqual([expect.stringMatching(/^TEMPORAL_\* cannot be read/)]);
      }
    });

    it('that is broken is an error', async () => {
      await writeFile(await fileIn('broken'), '[profile.default\n');
      expect(problemsOf({ HOME: join(folder, 'broken') }, ['temporal'])).toHaveLength(1);
    });
  });

  it.each(['http://h:1', 'h:99999', 'two words', 'h:port'])('the address %s is refused', (address) => {
    expect(problemsOf({ TEMPORAL_ADDRESS: address }, ['temporal'])).toEqual([
      expect.stringMatching(/^TEMPORAL_ADDRESS /),
    ]);
  });
});

describe('LUMA_SYNC_PUBLIC_URL', () => {
  it.each([
    ['https://events.example.org', 'https://events.example.org'],
    ['https://events.example.org/luma//', 'https://events.example.org/luma'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
  ])('says how Luma reaches the server: %s', (text, publicUrl) => {
    expect(readConfig({ LUMA_SYNC_PUBLIC_URL: text }, []).publicUrl).toBe(publicUrl);
  });

  it.each([
    'events.example.org',
    'ftp://events.example.org',
    'https://me:pw@events.example.org',
    'https://e.org/?a=b',
  ])('is refused where it is not the bare address of a server: %s', (text) => {
    expect(problemsOf({ LUMA_SYNC_PUBLIC_URL: text }, [])).toEqual([
      expect.stringMatching(/^LUMA_SYNC_PUBLIC_URL (is not|contains)/),
    ]);
    expect(problemsOf({ LUMA_SYNC_PUBLIC_URL: text }, []).join()).not.toContain('me:pw');
  });
});

describe('LUMA_SYNC_HTTP_ADDR and LUMA_SYNC_METRICS_ADDR', () => {
  it.each([
    ['9464', { host: '127.0.0.1', port: 9464 }],
    [':9464', { host: '127.0.0.1', port: 9464 }],
    ['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
    ['[::1]:9464', { host: '::1', port: 9464 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ])('say where to listen; a port alone is on this machine only: %s', (text, address) => {
    expect(readConfig({ LUMA_SYNC_HTTP_ADDR: text }, []).httpAddress).toEqual(address);
    expect(readConfig({ LUMA_SYNC_METRICS_ADDR: text }, []).metricsAddress).toEqual(address);
  });

  it.each([
    'localhost:9464',
    'metrics',
    '127.0.0.1',
    '127.0.0.1:',
    '65536',
    '1.2.3:9464',
    'http://127.0.0.1:9464',
  ])('are refused where they are no address: %s', (text) => {
    for (const name of ['LUMA_SYNC_HTTP_ADDR', 'LUMA_SYNC_METRICS_ADDR']) {
      expect(problemsOf({ [name]: text }, [])).toEqual([
        expect.stringContaining(`${name} is not address:port – `),
      ]);
    }
  });

  it('are refused where both are the same address', () => {
    const both = { LUMA_SYNC_HTTP_ADDR: '9464', LUMA_SYNC_METRICS_ADDR: '127.0.0.1:9464' };
    expect(problemsOf(both, [])).toEqual([
      expect.stringContaining('LUMA_SYNC_METRICS_ADDR is the address of '),
    ]);
    expect(problemsOf({ ...both, LUMA_SYNC_METRICS_ADDR: '9465' }, [])).toEqual([]);
  });

  it('are off unless they are set', () => {
    const config = readConfig({}, []);
    expect(config).not.toHaveProperty('httpAddress');
    expect(config).not.toHaveProperty('metricsAddress');
  });
});
