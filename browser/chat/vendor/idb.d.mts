interface Store {
  get(key: string): Promise<any>;
  put(value: object): Promise<unknown>;
  delete(key: string): Promise<void>;
}
export interface Database {
  get(store: string, key: string): Promise<any>;
  put(store: string, value: object): Promise<unknown>;
  delete(store: string, key: string): Promise<void>;
  getAll(store: string): Promise<any[]>;
  getAllFromIndex(store: string, index: string, query?: unknown): Promise<any[]>;
  transaction(stores: string[], mode: "readwrite"): { objectStore(name: string): Store; done: Promise<void> };
}
export function openDB(name: string, version: number, callbacks: { upgrade(database: IDBDatabase): void }): Promise<Database>;
