/* A room that is live: told of each change by the server, or, where that cannot be, asking every few seconds. It asks
   for the whole page and puts in what is new; whatever somebody has open or is writing in stays as it is. */
(() => {
  'use strict';
  const place = document.querySelector('[data-live]'), SECOND = 1000, ASK = 5 * SECOND, LEAST = 400;
  if (!place) return;
  const parts = '#code, #counts, #wall, #present > li';
  let asking = false, again = false, left = false, timer, source;

  const busy = part => part.querySelector('details[open], form[aria-busy]');
  const put = (old, part) => {
    if (old.dataset.version === part.dataset.version) return;
    if (busy(old)) {
      left = true;  // until they are done with it
      return;
    }
    const focused = old.contains(document.activeElement) && document.activeElement.id;
    old.replaceWith(part);
    window.htmx?.process(part);
    if (focused) document.getElementById(focused)?.focus({preventScroll: true});
  };

  const merge = page => {
    const list = document.getElementById('present');
    for (const part of page.querySelectorAll(parts)) {
      const old = document.getElementById(part.id);
      if (old) put(old, document.adoptNode(part));
      else if (list) list.append(document.adoptNode(part));
    }
    for (const old of list?.children ?? []) if (!page.getElementById(old.id) && !old.dataset.version) old.remove();
    place.dataset.version = page.querySelector('[data-live]')?.dataset.version ?? '';
  };

  /* One at a time; what changes meanwhile is asked for after it. */
  const ask = async () => {
    again = asking;
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(location.href, {headers: {Accept: 'text/html'}, redirect: 'manual'});
      if (answer.type === 'opaqueredirect' || answer.status === 404) return location.reload();
      if (answer.ok) merge(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {}  // no signal: the next time
    await new Promise(resolve => setTimeout(resolve, LEAST));
    asking = false;
    if (again) ask();
  };

  const poll = on => {
    if (!on) clearInterval(timer);
    timer = on ? timer ?? setInterval(ask, ASK) : undefined;
  };

  /* The browser comes back by itself, and says what it has seen last. */
  const listen = () => {
    if (!window.EventSource) return poll(true);
    source = new EventSource(`${place.dataset.live}?seen=${place.dataset.version}`);
    source.addEventListener('open', () => poll(false));
    source.addEventListener('change', ({data}) => data !== place.dataset.version && ask());
    source.addEventListener('shut', () => { source.close(); location.reload(); });
    source.addEventListener('error', () => poll(true));
  };

  const done = () => setTimeout(() => {
    if (!left) return;
    left = false;
    ask();
  });
  place.addEventListener('toggle', done, true);

  addEventListener('pagehide', () => source?.close());
  addEventListener('pageshow', event => event.persisted && listen());
  listen();
})();
