// qrcode
import QRCode from "qrcode";
export default async ({ equal }) => { const svg = await QRCode.toString("hello", { type: "svg" }); equal([svg.startsWith("<svg"), QRCode.create("hello").modules.size], [true, 21]); };
