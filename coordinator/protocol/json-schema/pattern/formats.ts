/** Formats as patterns. Where a format is hard to tell by a pattern, the pattern holds a part of it: every match fits. */
export const formats: Readonly<Record<string, string>> = (() => {
  // 29 February is left out: whether it exists depends on the year.
  const date =
    "[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)";
  const time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
  const count = "[0-9]{1,4}";
  const days = `(?:${count}Y(?:${count}M(?:${count}D)?)?|${count}M(?:${count}D)?|${count}D)`;
  const hours = `T(?:${count}H(?:${count}M(?:${count}S)?)?|${count}M(?:${count}S)?|${count}S)`;
  const label = "[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?";
  const byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  return {
    date: `^${date}$`,
    time: `^${time}$`,
    "date-time": `^${date}T${time}$`,
    uuid: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    ipv4: `^${byte}(?:\\.${byte}){3}$`,
    ipv6: "^[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}$",
    duration: `^P(?:${days}(?:${hours})?|${hours}|${count}W)$`,
    hostname: `^${label}(?:\\.${label}){0,3}$`,
    email: `^[a-z0-9_]{1,20}(?:[.+-][a-z0-9_]{1,20})?@${label}(?:\\.${label}){0,2}\\.[a-z]{2,10}$`,
  };
})();
