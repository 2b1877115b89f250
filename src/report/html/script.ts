/** What the page does beside being read: choose the language, the colours and the whole picture. Without it the page shows everything all the same. */
export const SCRIPT = `
const root = document.documentElement;
const keep = (name, value) => { try { localStorage.setItem('skiffctl-' + name, value); } catch { /* a file:// page may have no storage */ } };
const kept = (name) => { try { return localStorage.getItem('skiffctl-' + name); } catch { return null; } };
const speak = (language) => {
  root.lang = language;
  for (const part of document.querySelectorAll('main[lang]')) part.hidden = part.lang !== language;
  for (const button of document.querySelectorAll('[data-language]')) button.setAttribute('aria-pressed', String(button.dataset.language === language));
};
const paint = (theme) => { if (theme) root.dataset.theme = theme; else delete root.dataset.theme; };
for (const button of document.querySelectorAll('[data-language]'))
  button.addEventListener('click', () => { speak(button.dataset.language); keep('language', button.dataset.language); });
for (const button of document.querySelectorAll('[data-paint]'))
  button.addEventListener('click', () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    paint(dark ? 'light' : 'dark');
    keep('theme', root.dataset.theme);
  });
const known = [...document.querySelectorAll('main[lang]')].map((part) => part.lang);
speak(known.includes(kept('language')) ? kept('language') : root.lang);
paint(kept('theme'));
const reveal = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && target.tagName === 'DETAILS') target.open = true;
};
addEventListener('hashchange', reveal);
reveal();
for (const drawing of document.querySelectorAll('.picture'))
  drawing.addEventListener('click', (event) => { if (!event.target.closest('a')) drawing.classList.toggle('actual'); });
const shut = [];
addEventListener('beforeprint', () => { for (const part of document.querySelectorAll('details.print:not([open])')) { part.open = true; shut.push(part); } });
addEventListener('afterprint', () => { for (const part of shut.splice(0)) part.open = false; });
`;

/** SHA-256 of the script in base64: the only script that the page's own policy lets run. A test compares the two. */
export const SCRIPT_SHA256 = 'l3YF1AZtNifpn7ZowvR5sfmDVALP43bquuTqnYjSza4=';
