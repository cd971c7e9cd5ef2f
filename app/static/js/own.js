/* What must be readable without signal of one's own: li of [data-own] go onto the shelf, sealed, whenever a page has
   them; [data-owned] shows them again, as text and as links to call or to write. */
(() => {
  'use strict';
  const {shelf} = window, {name} = document.documentElement.dataset, TO = /^(tel|sms):/;
  if (!shelf) return;

  const read = item => ({
    words: [...item.querySelectorAll('[data-part]')].map(part => part.textContent.trim()),
    links: [...item.querySelectorAll('a')].map(link => [link.textContent.trim(), link.getAttribute('href')]),
  });

  const put = async place => {
    const items = [...(place.content ?? place).querySelectorAll('li')].map(read);
    await shelf.put(['own', place.dataset.own], JSON.stringify(items));
  };

  const row = ({words, links}) => {
    const item = document.createElement('li'), [name, ...lines] = words.filter(Boolean);
    item.className = 'card line';
    const parts = [['h2', name], ...lines.map(line => ['p', line])].map(([kind, text]) => {
      const part = document.createElement(kind);
      part.textContent = text;
      return part;
    });
    const calls = document.createElement('p');
    calls.className = 'calls';
    for (const [text, href] of links.filter(([, href]) => TO.test(href))) {
      const link = document.createElement('a');
      Object.assign(link, {textContent: text, href, className: href.startsWith('tel:') ? 'btn wide' : 'btn quiet wide'});
      calls.append(link);
    }
    item.append(...parts, calls);
    return item;
  };

  const show = async place => {
    const [found] = await shelf.under(['own', place.dataset.owned]), items = found ? JSON.parse(await shelf.words(found)) : [];
    place.replaceChildren(...items.map(row));
    place.closest('[data-when-owned]').hidden = items.length === 0;
    for (const none of document.querySelectorAll(`[data-when-none=${place.dataset.owned}]`)) none.hidden = items.length > 0;
  };

  const tell = async place => {
    const [found] = await shelf.under(['own', 'name']);
    if (found) place.textContent = place.dataset.whose.replace('%', await shelf.words(found));
  };

  /* The page says when all of it is on the phone. */
  const all = async () => {
    delete document.documentElement.dataset.sealed;
    if (name) await shelf.put(['own', 'name'], name);
    for (const place of document.querySelectorAll('[data-own]')) await put(place);
    for (const place of document.querySelectorAll('[data-owned]')) await show(place);
    for (const place of document.querySelectorAll('[data-whose]')) await tell(place);
    document.documentElement.dataset.sealed = '';
  };

  document.addEventListener('htmx:after:swap', () => all().catch(() => {}));
  shelf.ready.then(all).catch(() => {});
})();
