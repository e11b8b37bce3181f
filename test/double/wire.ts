/**
 * A structured-clone-like encoding over JSON, for CDP (which carries JSON only). Self-contained: its source text is also
 * injected into the page. Like Electron's IPC it refuses what the structured clone algorithm refuses.
 */
export function makeWire(): { enc(v: unknown): unknown; dec(v: unknown): unknown } {
  const TYPED: Record<string, any> = {
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  };
  const b64 = (u8: Uint8Array): string => {
    let s = '';
    for (let i = 0; i < u8.length; i += 0x8000)
      s += String.fromCharCode.apply(null, u8.subarray(i, i + 0x8000) as unknown as number[]);
    return btoa(s);
  };
  const unb64 = (s: string): Uint8Array => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
  const walk = (v: any): any => {
    if (v === undefined) return { $: 'u' };
    if (typeof v === 'number' && !(Number.isFinite(v) && !Object.is(v, -0)))
      return { $: 'n', v: Object.is(v, -0) ? '-0' : String(v) };
    if (typeof v === 'bigint') return { $: 'b', v: String(v) };
    if (v === null || typeof v !== 'object') return v;
    if (Array.isArray(v)) return v.map(walk);
    if (v instanceof Date) return { $: 'd', v: v.getTime() };
    if (v instanceof RegExp) return { $: 'r', v: v.source, f: v.flags };
    if (v instanceof Map) return { $: 'm', v: [...v].map(walk) };
    if (v instanceof Set) return { $: 's', v: [...v].map(walk) };
    if (v instanceof Error) return { $: 'e', n: v.name, v: v.message };
    if (v instanceof ArrayBuffer) return { $: 'a', v: b64(new Uint8Array(v)) };
    if (ArrayBuffer.isView(v)) {
      const name = Object.prototype.toString.call(v).slice(8, -1);
      return {
        $: 't',
        n: name in TYPED ? name : 'Uint8Array',
        v: b64(new Uint8Array(v.buffer, v.byteOffset, v.byteLength)),
      };
    }
    return { $: 'o', v: Object.fromEntries(Object.entries(v).map(([k, x]) => [k, walk(x)])) };
  };
  const back = (v: any): any => {
    if (v === null || typeof v !== 'object') return v;
    if (Array.isArray(v)) return v.map(back);
    switch (v.$) {
      case 'u':
        return undefined;
      case 'n':
        return v.v === '-0' ? -0 : Number(v.v);
      case 'b':
        return BigInt(v.v);
      case 'd':
        return new Date(v.v);
      case 'r':
        return new RegExp(v.v, v.f);
      case 'm':
        return new Map(v.v.map(back));
      case 's':
        return new Set(v.v.map(back));
      case 'e':
        return Object.assign(new Error(v.v), { name: v.n });
      case 'a':
        return unb64(v.v).buffer;
      case 't':
        return new TYPED[v.n](unb64(v.v).buffer);
      default:
        return Object.fromEntries(Object.entries(v.v).map(([k, x]) => [k, back(x)]));
    }
  };
  return { enc: (v) => walk(structuredClone(v)), dec: back };
}
