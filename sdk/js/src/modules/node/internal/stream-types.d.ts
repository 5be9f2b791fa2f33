/** Of npm's `readable-stream` what the modules around it use. */
export interface NodeStream {
  on(name: string, listener: (...args: never[]) => void): this;
  once(name: string, listener: (...args: never[]) => void): this;
  off(name: string, listener: (...args: never[]) => void): this;
  destroy(error?: unknown): this;
  readonly destroyed: boolean;
}
export interface NodeReadable extends NodeStream, AsyncIterable<unknown> {
  readonly readableObjectMode: boolean;
  readonly readableHighWaterMark: number;
  push(chunk: unknown): boolean;
  read(size?: number): unknown;
  pause(): this;
  resume(): this;
}
export interface NodeWritable extends NodeStream {
  readonly writableObjectMode: boolean;
  readonly writableHighWaterMark: number;
  write(chunk: unknown, encoding?: unknown, callback?: (error?: unknown) => void): boolean;
  end(callback?: () => void): this;
}
export type Constructor<T> = { new (options?: object): T; prototype: object } & Record<string, unknown>;
export interface StreamModule {
  (options?: object): NodeStream;
  Readable: Constructor<NodeReadable>;
  Writable: Constructor<NodeWritable>;
  Duplex: Constructor<NodeReadable & NodeWritable>;
  Transform: Constructor<NodeReadable & NodeWritable>;
  PassThrough: Constructor<NodeReadable & NodeWritable>;
  Stream: StreamModule;
  pipeline: (...args: unknown[]) => unknown;
  finished: (stream: object, ...args: unknown[]) => () => void;
  addAbortSignal: (signal: object, stream: object) => object;
  compose: (...streams: unknown[]) => object;
  destroy: (stream: object, error?: unknown) => void;
  isDisturbed: (stream: object) => boolean;
  isErrored: (stream: object) => boolean;
  isReadable: (stream: object) => boolean;
  setDefaultHighWaterMark: (objectMode: boolean, value: number) => void;
  getDefaultHighWaterMark: (objectMode: boolean) => number;
  promises: object;
  _isUint8Array: unknown;
  _uint8ArrayToBuffer: unknown;
}
