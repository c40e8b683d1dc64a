import { useEffect, useState } from "react";

const place = "lode.theme";
type Theme = "light" | "dark" | "system";
const next: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const names: Readonly<Record<Theme, string>> = { system: "as the system", light: "light", dark: "dark" };
const signs: Readonly<Record<Theme, string>> = { system: "◐", light: "○", dark: "●" };

function stored(): Theme {
  const value = localStorage.getItem(place);
  return value === "light" || value === "dark" ? value : "system";
}

/** Light, dark, or as the system has it. */
export function ThemeButton() {
  const [theme, setTheme] = useState(stored);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    localStorage.setItem(place, theme);
  }, [theme]);
  return (
    <button
      type="button"
      className="quiet"
      onClick={() => setTheme(next[theme])}
      aria-label={`Colours: ${names[theme]}. Change to ${names[next[theme]]}.`}
      title={`Colours: ${names[theme]}`}
    >
      {signs[theme]}
    </button>
  );
}
