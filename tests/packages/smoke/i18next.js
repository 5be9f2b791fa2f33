// i18next
import i18next from "i18next";
export default async ({ equal }) => { await i18next.init({ lng: "en", resources: { en: { translation: { hi: "Hi {{n}}", item_one: "{{count}} item", item_other: "{{count}} items" } } } }); equal([i18next.t("hi", { n: "x" }), i18next.t("item", { count: 1 }), i18next.t("item", { count: 2 })], ["Hi x", "1 item", "2 items"]); };
