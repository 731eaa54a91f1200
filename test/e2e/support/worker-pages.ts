import type { Executable } from './executable.js';

/** What a worker serves over HTTP. */
export interface WorkerPages {
  url: string;
  /** Status and body of a page. */
  get: (path: string) => Promise<[number, string]>;
}

/** The pages of a worker that was started with `LUMA_SYNC_HTTP_ADDR` or `LUMA_SYNC_METRICS_ADDR`: its log says where. */
export async function pagesOf(worker: Executable, line = 'serving health and metrics'): Promise<WorkerPages> {
  await worker.saw(line);
  const said = worker.written.stdout.split('\n').find((each) => each.includes(`"${line}"`)) ?? '';
  const { url } = JSON.parse(said) as { url: string };
  return {
    url,
    get: async (path) => {
      const response = await fetch(url + path);
      return [response.status, await response.text()];
    },
  };
}
