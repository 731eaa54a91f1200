import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes the longest: begun first, it leaves no worker waiting for the last of it. */
const FIRST = [
  ...['/test/properties/', '/test/examples/', '/test/servers/lifecycle', '/test/activities/upsert.property'],
  ...['/test/rules/removals', '/test/mongo/changes.property', '/test/e2e/', '/test/client/outage'],
  ...['/test/workflows/', '/test/rules/', '/test/cli/'],
];

/** The order of files; it decides nothing but how long the whole takes. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const at = FIRST.findIndex((folder) => moduleId.includes(folder));
      return at === -1 ? FIRST.length : at;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
