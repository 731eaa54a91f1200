import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose files take the longest: begun first, they leave no worker waiting for the last of them. */
const FIRST = ['/test/properties/', '/test/e2e/', '/test/workflows/', '/test/rules/', '/test/cli/'];

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
