// JSON where it is easy to be fast and wrong. The answer lists the cases that are not as ECMA-262 has them; there is none in V8 either.
const shown = (value) => JSON.stringify(value);
const record = (count, make) => Array.from({ length: count }, (_, index) => make(index));
const thrown = (run) => {
  try {
    return `no error: ${run()}`;
  } catch (error) {
    return error.name;
  }
};

const cases = {
  // Objects of one shape, one after the other, and what disturbs it.
  "many of one shape": () => [shown(JSON.parse('[{"a":1,"b":"x"},{"a":2,"b":"y"},{"a":3,"b":"z"}]')), '[{"a":1,"b":"x"},{"a":2,"b":"y"},{"a":3,"b":"z"}]'],
  "another order": () => [shown(JSON.parse('[{"a":1,"b":2},{"b":3,"a":4},{"a":5,"b":6}]')), '[{"a":1,"b":2},{"b":3,"a":4},{"a":5,"b":6}]'],
  "objects within objects": () => [shown(JSON.parse('[{"a":{"b":1,"c":2},"d":3},{"a":{"b":4,"c":5},"d":6},{"d":{"a":7},"a":{"d":8}}]')), '[{"a":{"b":1,"c":2},"d":3},{"a":{"b":4,"c":5},"d":6},{"d":{"a":7},"a":{"d":8}}]'],
  "names that begin alike": () => [shown(JSON.parse('[{"a":1},{"ab":2},{"a" :3},{ "a": 4},{"a\\u0062":5},{"ab":6}]')), '[{"a":1},{"ab":2},{"a":3},{"a":4},{"ab":5},{"ab":6}]'],
  "long names that begin alike": () => {
    const text = '[{"abcdefghijklmn":1},{"abcdefghijklmno":2},{"abcdefghijklmnop":3},{"abcdefghijklmnopq":4},{"abcdefghijklmnopr":5},{"abcdefghijklmnopr":6},{"abcdefghijklm":7},{"abcdefghijklmn":8}]';
    return [shown(JSON.parse(text)), text];
  },
  "what stands for an expected name": () => [['[{"a":1},{"a"}]', '[{"a":1},{"a"1}]', '[{"a":1},{a:1}]', '[{"a":1},{"a":}]', '[{"a":1},{"a'].map((text) => thrown(() => JSON.parse(text))).join(), record(5, () => "SyntaxError").join()],
  "more names than are remembered": () => {
    const object = Object.fromEntries(record(10_000, (at) => [`n${at}`, at]));
    const text = shown([object, object, { n9999: 1, n0: 2 }]);
    return [shown(JSON.parse(text)) === text, true];
  },
  "a name that comes again": () => [shown(JSON.parse('[{"a":1,"b":2},{"a":1,"b":2,"a":3},{"a":1,"a":4},{"a":1,"a":5}]')), '[{"a":1,"b":2},{"a":3,"b":2},{"a":4},{"a":5}]'],
  "indexes come first": () => [shown(JSON.parse('[{"b":1,"1":2,"0":3},{"b":1,"1":2,"0":3}]')), '[{"0":3,"1":2,"b":1},{"0":3,"1":2,"b":1}]'],
  "__proto__ is a name": () => {
    const [first, second] = JSON.parse('[{"__proto__":{"x":1},"y":2},{"__proto__":{"x":1},"y":2}]');
    return [[Object.keys(second).join(), second.x === undefined, Object.getPrototypeOf(first) === Object.prototype].join(), "__proto__,y,true,true"];
  },
  "members without JSON": () => [
    [[undefined, 1], { a: undefined, b: 1, c: () => 1, d: 2, e: Symbol() }, { a: undefined }, [{ a: undefined, b: undefined }]].map((value) => shown(value) + JSON.stringify(value, null, 1)).join(),
    '[null,1][\n null,\n 1\n],{"b":1,"d":2}{\n "b": 1,\n "d": 2\n},{}{},[{}][\n {}\n]',
  ],
  "no name at all": () => [shown(JSON.parse('[{"":1},{"":2},{},{}]')), '[{"":1},{"":2},{},{}]'],
  "names beyond ASCII": () => [shown(JSON.parse('[{"ä":"ö"},{"ä":"€"},{"\\u00e4":"😀"}]')), '[{"ä":"ö"},{"ä":"€"},{"ä":"😀"}]'],
  "what is read can be changed": () => {
    const [first, second] = JSON.parse('[{"a":1,"b":2},{"a":1,"b":2}]');
    delete first.a;
    first.c = 3;
    Object.freeze(second);
    return [[shown(first), shown(second), Object.isFrozen(second), Object.isFrozen(first)].join(), '{"b":2,"c":3},{"a":1,"b":2},true,false'];
  },
  "errors leave nothing behind": () => [record(3, () => thrown(() => JSON.parse('[{"a":[1,{"b":"c"}],"d":tru}]'))).join(), "SyntaxError,SyntaxError,SyntaxError"],
  "a reviver sees every place": () => {
    const seen = [];
    JSON.parse('{"a":[1,{"b":2}],"c":3}', (key, value) => (seen.push(key), value));
    return [seen.join(), "0,b,1,a,c,"];
  },

  // Members that change while they are written.
  "a getter that deletes": () => {
    const object = { get a() { delete object.b; return 1; }, b: 2, c: 3 };
    return [shown(object), '{"a":1,"c":3}'];
  },
  "a toJSON that changes its holder": () => {
    const holder = { a: { toJSON() { holder.c = 9; delete holder.b; holder.d = 4; return 1; } }, b: 2, c: 3 };
    return [shown(holder), '{"a":1,"c":9}'];
  },
  "a toJSON that shortens its array": () => {
    const list = [{ toJSON() { list.length = 1; return 0; } }, 1, 2];
    return [shown(list), "[0,null,null]"];
  },
  "a toJSON that lengthens its array": () => {
    const list = [{ toJSON() { list.push(7); return 0; } }, 1];
    return [shown(list), "[0,1]"];
  },
  "a toJSON that replaces a later value": () => {
    const rows = [{ a: { toJSON() { rows[1] = "gone"; return 0; } } }, { a: 1 }];
    return [shown(rows), '[{"a":0},"gone"]'];
  },
  "an inherited toJSON": () => {
    class Money { constructor(cents) { this.cents = cents; } toJSON(key) { return `${key}:${this.cents}`; } }
    return [shown({ a: new Money(5), b: [new Money(6)] }), '{"a":"a:5","b":["0:6"]}'];
  },
  "a toJSON for all objects": () => {
    Object.prototype.toJSON = function () { return Array.isArray(this) ? "list" : "object"; };
    try {
      return [[shown({ a: 1 }), shown([1])].join(), '"object","list"'];
    } finally {
      delete Object.prototype.toJSON;
    }
  },
  "a toJSON that appears on the way": () => {
    const first = { toJSON() { Object.prototype.toJSON = () => 5; return 1; } };
    try {
      return [shown([first, {}, []]), "[1,5,5]"];
    } finally {
      delete Object.prototype.toJSON;
    }
  },
  "a replacer that changes everything": () => {
    const object = { a: 1, b: { c: 2 } };
    return [JSON.stringify(object, function (key, value) { if (key === "a") this.b = { d: 4 }; return value; }), '{"a":1,"b":{"d":4}}'];
  },
  "a list of names": () => [JSON.stringify([{ a: 1, b: 2, 0: 3 }], ["b", 0, "b"]), '[{"b":2,"0":3}]'],

  // Objects that are not plain.
  "accessors, symbols, hidden members": () => {
    const object = { get a() { return 1; }, [Symbol("s")]: 2, b: 3 };
    Object.defineProperty(object, "c", { value: 4 });
    return [shown([object, object]), '[{"a":1,"b":3},{"a":1,"b":3}]'];
  },
  "indexes among names": () => [shown({ b: 1, 2: 2, 1: 3 }), '{"1":3,"2":2,"b":1}'],
  "deleted members": () => {
    const object = { a: 1, b: 2, c: 3 };
    delete object.b;
    object.b = 4;
    return [shown(object), '{"a":1,"c":3,"b":4}'];
  },
  "no prototype": () => [shown(Object.assign(Object.create(null), { a: [Object.create(null)] })), '{"a":[{}]}'],
  "holes": () => [shown([1, , 3, ...Array(2)]), "[1,null,3,null,null]"],
  "a hole with something behind it": () => {
    Array.prototype[1] = "inherited";
    try {
      return [shown([1, , 3]), '[1,"inherited",3]'];
    } finally {
      delete Array.prototype[1];
    }
  },
  "proxies, typed arrays, boxes": () => [
    shown([new Proxy({ a: 1 }, {}), new Proxy([1], {}), new Uint8Array(2), new Number(1), new String("s"), new Boolean(false), new Map([[1, 2]]), () => 0]),
    '[{"a":1},[1],{"0":0,"1":0},1,"s",false,{},null]',
  ],
  "absent members": () => [shown({ a: undefined, b: () => 0, c: Symbol(), d: 1, e: undefined }), '{"d":1}'],
  "circles": () => {
    const object = { a: [{}] };
    object.a[0].b = object;
    return [thrown(() => shown(object)), "TypeError"];
  },
  "indented": () => [JSON.stringify([{ a: 1, b: [] }, {}, { a: 2, b: [3] }], null, 1), '[\n {\n  "a": 1,\n  "b": []\n },\n {},\n {\n  "a": 2,\n  "b": [\n   3\n  ]\n }\n]'],
  "indented beyond ASCII": () => [JSON.stringify([1], null, "ä"), "[\nä1\n]"],

  // Text.
  "every character below a space, and the special ones": () => {
    const text = record(35, (code) => String.fromCharCode(code)).join("") + '"\\/\x7f\x80\xff\u2028';
    return [[JSON.parse(shown(text)) === text, shown(text).length].join(), "true,187"];
  },
  "special characters at every place of a word": () => {
    const texts = record(20, (at) => ["é", '"', "\\", "\n", "€", "\ud800", "😀"].map((one) => "x".repeat(at) + one + "y".repeat(19 - at))).flat();
    return [JSON.parse(shown(texts)).every((text, at) => text === texts[at]), true];
  },
  "lone surrogates": () => [shown("\ud800a\udc00 \ud83d\ude00"), '"\\ud800a\\udc00 😀"'],
  "wide, narrow and joined strings": () => {
    const long = "abcdefgh".repeat(200);
    return [shown([long + "é", long + "€", (long + "x").slice(3, 9), ""]), `["${long}é","${long}€","defgha",""]`];
  },
  "unfinished text": () => [["\"", "\"abcdefgh", "\"abcdefg\n\"", "{\"abcdefgh", "[\"\\u12\"]"].map((text) => thrown(() => JSON.parse(text))).join(), record(5, () => "SyntaxError").join()],

  // Numbers.
  "numbers in and out": () => [
    shown(JSON.parse("[0,-0,0.5,-0.25,1.5,12345.678901,0.1,0.30000000000000004,123456789012345,1234567890123456789,1e3,1.5E-7,4.35,999999999.999999,0.000001,1e21,5e-324,1.7976931348623157e308,1e999]")),
    "[0,0,0.5,-0.25,1.5,12345.678901,0.1,0.30000000000000004,123456789012345,1234567890123456800,1000,1.5e-7,4.35,999999999.999999,0.000001,1e+21,5e-324,1.7976931348623157e+308,null]",
  ],
  "as exact as the language": () => {
    const texts = record(2000, (index) => `${(index * 7919) % 100003}.${String((index * 104729) % 999983).padStart((index % 9) + 1, "0")}`);
    return [texts.every((text) => JSON.parse(text) === Number(text) && JSON.parse(`-${text}`) === -Number(text)), true];
  },
  "minus zero": () => [Object.is(JSON.parse("-0"), -0) && Object.is(JSON.parse("-0.0"), -0), true],
  "what is no number": () => [["01", "1.", ".5", "-", "1e", "+1", "0x1", "1.e1"].map((text) => thrown(() => JSON.parse(text))).join(), record(8, () => "SyntaxError").join()],
};

export default {
  fetch() {
    const wrong = [];
    for (const [name, run] of Object.entries(cases)) {
      const [actual, expected] = run();
      if (actual !== expected) wrong.push(`${name}: ${actual}, not ${expected}`);
    }
    return new Response(wrong.join("\n"));
  },
};
