import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { missingPrivileges, NEEDED_PRIVILEGES, type Privilege } from '../../src/mongo/privileges.js';

/** What deploy/mongodb-role.js has mongosh create. */
function documentedPrivileges(): Privilege[] {
  const script = readFileSync(new URL('../../deploy/mongodb-role.js', import.meta.url), 'utf8');
  const created: string[] = [];
  const db = { getName: () => 'app', createRole: (role: object) => created.push(JSON.stringify(role)) };
  runInNewContext(script, { db });
  return (JSON.parse(created[0] ?? '') as { privileges: Privilege[] }).privileges;
}

test('the documented role lacks nothing that is checked for, and holds nothing more but what adds organizations', () => {
  const role = documentedPrivileges();
  expect(missingPrivileges(role, 'app')).toEqual({});
  for (const { resource, actions } of role) {
    const name = resource.collection ?? '';
    if (name !== 'organizations') expect(actions, name).toEqual(NEEDED_PRIVILEGES[name]);
  }
});

test('each action that is taken from the role is missed, on its collection', () => {
  const without = documentedPrivileges().map((privilege) =>
    privilege.resource.collection === 'events'
      ? { ...privilege, actions: privilege.actions.filter((action) => action !== 'remove') }
      : privilege,
  );
  expect(missingPrivileges(without, 'app')).toEqual({ events: ['remove'] });
});

test.each<[string, Privilege['resource']]>([
  ['a whole database', { db: 'app', collection: '' }],
  ['every database', { db: '', collection: '' }],
  ['any resource', { anyResource: true }],
])('rights on %s are rights on each collection', (_, resource) => {
  const actions = ['find', 'insert', 'update', 'remove', 'createIndex', 'listIndexes'];
  expect(missingPrivileges([{ resource, actions }], 'app')).toEqual({});
});

test('rights on another database, or on the cluster, are none', () => {
  const resources = [{ db: 'other', collection: '' }, { cluster: true }];
  const privileges = resources.map((resource) => ({ resource, actions: ['anyAction'] }));
  expect(missingPrivileges(privileges, 'app')).toEqual(NEEDED_PRIVILEGES);
});
