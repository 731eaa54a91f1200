import { type Db, type Document, MongoServerError } from 'mongodb';

export const REPLICA_SET = 'luma-sync';

const ALREADY_INITIALIZED = 23;

/**
 * Makes the server the one member, and so the primary, of its replica set. Throws while it is not primary yet:
 * ask again. A set kept from an earlier run names that run's port, and is told the new one.
 */
export async function leadReplicaSet(admin: Pick<Db, 'command'>, host: string): Promise<void> {
  if (await isPrimary(admin, host)) return;
  const members = [{ _id: 0, host }];
  try {
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members } });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== ALREADY_INITIALIZED) throw error;
    const { config } = (await admin.command({ replSetGetConfig: 1 })) as { config: Document };
    const current = (config.members as { host: string }[])[0]?.host;
    if (current !== host) {
      await admin.command({
        replSetReconfig: { ...config, version: (config.version as number) + 1, members },
        force: true,
      });
    }
  }
  if (!(await isPrimary(admin, host))) throw new Error('its replica set has no primary yet');
}

async function isPrimary(admin: Pick<Db, 'command'>, host: string): Promise<boolean> {
  const hello = await admin.command({ hello: 1 });
  return hello.isWritablePrimary === true && hello.me === host;
}
