/**
 * MongoDB cannot be reached, or refuses. Carries the operation and the driver's code only: driver errors hold
 * whole documents, and their messages hold values.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  constructor(
    readonly operation: string,
    readonly reason: string,
  ) {
    super(`MongoDB: ${operation} failed (${reason})`);
  }
}

/** A document is larger than MongoDB takes (16 MiB): another attempt does not mend that. */
export class DocumentTooLarge extends Error {
  override readonly name = 'DocumentTooLarge';
  constructor(readonly operation: string) {
    super(`MongoDB: ${operation} failed: a document would be larger than 16 MiB`);
  }
}

/** This program uses the driver, or asks the server, in a way that cannot work: a defect, to be reported. */
export class StoreMisused extends Error {
  override readonly name = 'StoreMisused';
  constructor(
    readonly operation: string,
    readonly reason: string,
  ) {
    super(
      `MongoDB: ${operation} is no valid request (${reason}): a defect of this program, please report it`,
    );
  }
}

/** No organization has this id. */
export class OrgNotFound extends Error {
  override readonly name = 'OrgNotFound';
  constructor(readonly orgId: string) {
    super(`no organization ${JSON.stringify(orgId)}`);
  }
}

/** An organization with this id is there already. */
export class OrgAlreadyExists extends Error {
  override readonly name = 'OrgAlreadyExists';
  constructor(readonly orgId: string) {
    super(`organization ${JSON.stringify(orgId)} is there already`);
  }
}
