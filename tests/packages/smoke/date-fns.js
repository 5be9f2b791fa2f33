// date-fns
import { addMonths, differenceInDays, format, formatDistance, parseISO } from "date-fns"; import { de } from "date-fns/locale";
export default async ({ equal }) => {
  const date = parseISO("2024-01-31T10:20:30Z");
  equal([format(date, "yyyy-MM-dd'T'HH:mm:ss"), format(addMonths(date, 1), "d MMMM", { locale: de }), differenceInDays(new Date(0), date) < 0, formatDistance(date, addMonths(date, 3))], ["2024-01-31T10:20:30", "29 Februar", true, "3 months"]);
};
