// The MongoDB role that suffices for luma-sync: workers, and people at the command line. Run it on the database that
// holds `organizations`, as somebody who may create roles there:
//
//   mongosh 'mongodb://admin@mongo.internal/app?authSource=admin' deploy/mongodb-role.js
//   mongosh 'mongodb://admin@mongo.internal/app?authSource=admin' --eval \
//     'db.createUser({ user: "luma", pwd: passwordPrompt(), roles: ["lumaSync"] })'

const change = ['find', 'insert', 'update', 'remove'];
const index = ['createIndex', 'listIndexes'];

const collections = {
  // The application's. `insert` is for `orgs add`, `remove` for `orgs remove`: leave them out where only the application
  // adds and removes organizations.
  organizations: change,

  events: [...change, ...index],
  removed_events: [...change, ...index],
  held_removals: [...change, ...index],
  quarantined_entries: [...change, ...index],
  event_states: [...change, ...index],
  calendar_shapes: [...change, ...index],
  staged_pages: [...change, ...index],
  sync_fences: [...change, ...index],
  sync_runs: [...change, ...index],
  keyring_checks: ['find', 'insert', 'update', ...index],
  // Only grows.
  decisions: ['find', 'insert', ...index],
  webhook_deliveries: ['find', 'insert', ...index],
};

db.createRole({
  role: 'lumaSync',
  privileges: Object.entries(collections).map(([collection, actions]) => ({
    resource: { db: db.getName(), collection },
    actions,
  })),
  roles: [],
});
