// protobufjs
import protobuf from "protobufjs/light.js";
export default async ({ equal }) => {
  const Type = protobuf.Type.fromJSON("M", { fields: { id: { type: "int32", id: 1 }, name: { type: "string", id: 2 }, xs: { rule: "repeated", type: "double", id: 3 } } }); new protobuf.Root().add(Type);
  equal(Type.toObject(Type.decode(Type.encode(Type.create({ id: 5, name: "n", xs: [1.5] })).finish())), { id: 5, name: "n", xs: [1.5] });
};
