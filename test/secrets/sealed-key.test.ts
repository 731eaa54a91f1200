import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { KeyringInvalid, KeyUnreadable } from '../../src/secrets/errors.js';
import { generateKeyring, type Keyring, loadKeyring, parseKeyring } from '../../src/secrets/keyring.js';
import { isSealed, needsReseal, open, seal } from '../../src/secrets/sealed-key.js';

const keyBytes = (seed: number): Buffer => createHash('sha256').update(String(seed)).digest();
const keyText = (seed: number): string => keyBytes(seed).toString('base64');
const ring: Keyring = parseKeyring(`new:${keyText(1)},old:${keyText(2)}`);
const text = fc.string({ unit: 'binary' });

describe('a sealed key', () => {
  it('opens to exactly what was sealed, for any text and organization', () => {
    fc.assert(
      fc.property(text, text, (orgId, secret) => {
        const sealed = seal(ring, orgId, secret);
        expect(isSealed(sealed)).toBe(true);
        expect(open(ring, orgId, sealed)).toBe(secret);
      }),
    );
  });

  it('has the documented form, and is another one each time', () => {
    const sealed = seal(ring, 'acme', 'secret-abc');
    expect(sealed).toMatch(/^sealed:v1:new:[A-Za-z0-9_-]+$/);
    expect(seal(ring, 'acme', 'secret-abc')).not.toBe(sealed);
  });

  it('is refused when any bit of any character was flipped', () => {
    const sealed = seal(ring, 'acme', 'secret-abc');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(6), (at, bit) => {
        const flipped = String.fromCharCode(sealed.charCodeAt(at) ^ (1 << bit));
        const changed = sealed.slice(0, at) + flipped + sealed.slice(at + 1);
        expect(() => open(ring, 'acme', changed)).toThrow(KeyUnreadable);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused when cut off, lengthened or padded', () => {
    const sealed = seal(ring, 'acme', 'secret-abc');
    for (let end = 0; end < sealed.length; end++) {
      expect(() => open(ring, 'acme', sealed.slice(0, end))).toThrow(KeyUnreadable);
    }
    for (const more of ['A', 'AAAA', '=', ':x', '\n']) {
      expect(() => open(ring, 'acme', sealed + more)).toThrow(KeyUnreadable);
    }
  });

  it('does not open for another organization', () => {
    fc.assert(
      fc.property(text, text, text, (orgId, other, secret) => {
        fc.pre(orgId !== other);
        expect(() => open(ring, other, seal(ring, orgId, secret))).toThrow(KeyUnreadable);
      }),
    );
  });

  it('does not open as the secret of a webhook, nor that as a key', () => {
    const [key, secret] = [seal(ring, 'acme', 'one'), seal(ring, 'acme', 'two', 'webhook-secret')];
    expect(open(ring, 'acme', secret, 'webhook-secret')).toBe('two');
    expect(() => open(ring, 'acme', key, 'webhook-secret')).toThrow(KeyUnreadable);
    expect(() => open(ring, 'acme', secret)).toThrow(KeyUnreadable);
    expect(() => open(ring, 'other', secret, 'webhook-secret')).toThrow(KeyUnreadable);
  });

  it('does not open under another key id, even where both ids mean the same key', () => {
    const twins = parseKeyring(`a:${keyText(1)},b:${keyText(1)}`);
    const relabelled = seal(twins, 'acme', 'secret-abc').replace(':a:', ':b:');
    expect(() => open(twins, 'acme', relabelled)).toThrow(KeyUnreadable);
  });

  it('names the key that is missing from the key ring', () => {
    const sealed = seal(parseKeyring(`lost:${keyText(3)}`), 'acme', 'secret-abc');
    expect(() => open(ring, 'acme', sealed)).toThrow(/sealed with the key lost, which the key ring lacks/);
  });

  it('of a later form counts as sealed, and is not mistaken for a key in clear text', () => {
    expect(isSealed('sealed:v2:new:AAAA')).toBe(true);
    expect(() => open(ring, 'acme', 'sealed:v2:new:AAAA')).toThrow(KeyUnreadable);
    expect(isSealed('secret-abc')).toBe(false);
    expect(() => open(ring, 'acme', 'secret-abc')).toThrow(KeyUnreadable);
  });
});

describe('rotation', () => {
  it('a new first key seals, the old one still opens and asks to be sealed anew', () => {
    const before = seal(parseKeyring(`old:${keyText(2)}`), 'acme', 'secret-abc');
    expect(open(ring, 'acme', before)).toBe('secret-abc');
    expect(needsReseal(ring, before)).toBe(true);
    const after = seal(ring, 'acme', open(ring, 'acme', before));
    expect(needsReseal(ring, after)).toBe(false);
    expect(open(parseKeyring(`new:${keyText(1)}`), 'acme', after)).toBe('secret-abc');
  });
});

describe('a key ring', () => {
  it('is read with commas, line ends, blanks and base64url alike', () => {
    const url = keyBytes(0xff).toString('base64url');
    expect(parseKeyring(`\n a:${keyText(1)} \r\n b:${url},\n`).keyIds).toEqual(['a', 'b']);
  });

  it('that was generated seals and opens, and is another one each time', () => {
    const made = generateKeyring();
    const keyring = parseKeyring(made);
    expect(open(keyring, 'acme', seal(keyring, 'acme', 'secret-abc'))).toBe('secret-abc');
    expect(generateKeyring()).not.toBe(made);
  });

  it.each([
    ['', /empty/],
    [' ,\n', /empty/],
    ['c2VjcmV0c2VjcmV0', /entry 1 of 1 has no key id/],
    [`a:${keyText(1)},bad id:${keyText(2)}`, /entry 2 of 2 has a key id/],
    [`${'x'.repeat(33)}:${keyText(1)}`, /entry 1 of 1 has a key id/],
    [`a:${keyText(1)},a:${keyText(2)}`, /a is there twice/],
    ['a:c2VjcmV0c2VjcmV0', /key of a has 12 bytes instead of 32/],
    [`a:${keyText(1).slice(0, 20)}!${keyText(1).slice(20)}`, /key of a is not base64/],
  ])('%j is refused with a reason', (bad, reason) => {
    expect(() => parseKeyring(bad)).toThrow(KeyringInvalid);
    expect(() => parseKeyring(bad)).toThrow(reason);
  });

  it.each<[string, (at: number) => number]>([
    ['zeros', () => 0],
    ['one byte', () => 7],
    ['two bytes in turn', (at) => at % 2],
    ['a repeated word', (at) => 'changeme'.charCodeAt(at % 8)],
    ['a repeated half', (at) => keyBytes(1)[at % 16] ?? 0],
    ['a count', (at) => at],
    ['a count downwards', (at) => 255 - at * 3],
  ])('with a key that is %s is refused', (_, byteAt) => {
    const key = Buffer.from(Array.from({ length: 32 }, (_, at) => byteAt(at))).toString('base64');
    expect(() => parseKeyring(`a:${key}`)).toThrow(/the key of a is not random/);
  });

  it('has a check value for each key, which tells it from others and differs by id', () => {
    expect(ring.checkValue('new')).not.toBe(ring.checkValue('old'));
    expect(parseKeyring(`new:${keyText(1)}`).checkValue('new')).toBe(ring.checkValue('new'));
    expect(parseKeyring(`other:${keyText(1)}`).checkValue('other')).not.toBe(ring.checkValue('new'));
    expect(ring.checkValue('unknown')).toBeUndefined();
  });

  it('never shows key material: not in errors, in JSON, in logs', () => {
    const canary = Buffer.from('canary-canary-canary').toString('base64');
    for (const bad of [canary, `a:${canary}`, `a b:${canary}`, `a:${canary}!`, `a:${canary}\na:${canary}`]) {
      try {
        parseKeyring(bad);
        expect.unreachable();
      } catch (error) {
        expect(inspect(error, { depth: null })).not.toContain(canary.slice(0, 8));
      }
    }
    for (const shown of [JSON.stringify({ ring }), inspect({ ring }, { depth: null, showHidden: true })]) {
      expect(shown).not.toContain(keyText(1).slice(0, 12));
      expect(shown).not.toContain(keyBytes(1).toString('hex').slice(0, 12));
    }
    expect(JSON.stringify(ring)).toBe('{"keyIds":["new","old"]}');
  });

  it('in a file that cannot be read is refused with the path', () => {
    expect(() => loadKeyring({ file: '/nowhere/ring' })).toThrow(/\/nowhere\/ring cannot be read \(ENOENT\)/);
  });
});
