"use strict";
// Light or dark: what the system asks for, until the reader chooses.

const themeButton = document.getElementById("theme");
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const onTheme = [];

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : systemDark.matches;
}

function showTheme() {
  themeButton.textContent = isDark() ? "Light" : "Dark";
  themeButton.title = "Show the page in " + (isDark() ? "light" : "dark") + " colours";
  for (const redraw of onTheme) redraw();
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  showTheme();
}

// colour is a colour of the style sheet, for a canvas.
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

themeButton.hidden = false;
themeButton.addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
systemDark.addEventListener("change", showTheme);
showTheme();

// Paper is light, and shows the stacks that are folded on the screen.
let themeBeforePrint, openedForPrint = [];
addEventListener("beforeprint", () => {
  themeBeforePrint = document.documentElement.dataset.theme;
  setTheme("light");
  openedForPrint = [...document.querySelectorAll("#places details:not([open])")];
  for (const details of openedForPrint) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of openedForPrint) details.open = false;
  setTheme(themeBeforePrint);
});
