// stripe
import Stripe from "stripe";
export default async ({ env, equal }) => {
  const upstream = new URL(env.UPSTREAM);
  const stripe = new Stripe("sk_test_x", { host: upstream.hostname, port: upstream.port, protocol: "http", httpClient: Stripe.createFetchHttpClient(), maxNetworkRetries: 0 });
  const customer = await stripe.customers.retrieve("cus_1"); equal(customer.id, "cus_1");
  const payload = '{"id":"evt_1","object":"event"}'; const header = await stripe.webhooks.generateTestHeaderStringAsync({ payload, secret: "whsec" });
  equal((await stripe.webhooks.constructEventAsync(payload, header, "whsec", undefined, Stripe.createSubtleCryptoProvider())).id, "evt_1");
};
