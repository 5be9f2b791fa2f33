// axios
import axios from "axios";
export default async ({ env, equal }) => { const { data, status } = await axios.post(`${env.UPSTREAM}/echo`, { a: [1] }, { adapter: "fetch" }); equal([status, data], [200, { a: [1] }]); };
