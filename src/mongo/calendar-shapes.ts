import type { Collections } from './collections.js';
import type { CalendarShapeDoc, OrgId } from './documents.js';
import { guarded } from './errors.js';

export type CalendarShapeStore = ReturnType<typeof calendarShapeStore>;

/** `calendar_shapes`: what Luma's answers looked like when all was as usual, one document an organization. */
export function calendarShapeStore({ calendarShapes }: Collections) {
  return {
    /** Of the calendar that was listed last; `null`: none was. */
    async get(orgId: OrgId): Promise<CalendarShapeDoc | null> {
      return await guarded('read calendar shape', () => calendarShapes.findOne({ _id: orgId }));
    },

    async put({ _id, ...shape }: CalendarShapeDoc): Promise<void> {
      await guarded('keep calendar shape', () =>
        calendarShapes.updateOne({ _id }, { $set: shape }, { upsert: true }),
      );
    },
  };
}
