export interface Database {
  get(store: string, key: string): Promise<any>;
  put(store: string, value: object): Promise<unknown>;
  getAllFromIndex(store: string, index: string, query?: unknown): Promise<any[]>;
  transaction(stores: string[], mode: "readwrite"): { objectStore(name: string): { delete(key: string): Promise<void> }; done: Promise<void> };
}
export function openDB(name: string, version: number, callbacks: { upgrade(database: IDBDatabase): void }): Promise<Database>;
