import type { Collections } from './collections.js';
import type { CalendarShapeDoc, OrgId } from './documents.js';
import { guarded } from './errors.js';

export type CalendarShapeStore = ReturnType<typeof calendarShapeStore>;

/** `calendar_shapes`: what Luma's answers looked like when all was as usual, one document an organization. */
export function calendarShapeStore({ calendarShapes }: Collections) {
  return {
    /** `null` where the organization's present calendar was never listed. */
    async get(orgId: OrgId, calendarId: string): Promise<CalendarShapeDoc | null> {
      return await guarded('read calendar shape', () => calendarShapes.findOne({ _id: orgId, calendarId }));
    },

    async put({ _id, ...shape }: CalendarShapeDoc): Promise<void> {
      await guarded('keep calendar shape', () =>
        calendarShapes.updateOne({ _id }, { $set: shape }, { upsert: true }),
      );
    },
  };
}
