/* The service worker: the shell of the app without signal, and sending when no page is open. SHELL comes in front of
   it: version, assets, pages {path: name}, below {start of a path: name}, languages. Nothing of anybody is ever put in a cache. */
(() => {
  'use strict';
  const CACHE = `shell-${SHELL.version}`, PATIENCE = 4000;
  const at = (language, name) => `/offline/${language}/${name}`;
  const pages = SHELL.languages.flatMap(language => SHELL.names.map(name => at(language, name)));
  const kept = address => caches.match(address, {ignoreVary: true});

  /* Asked for as nobody: no page in the cache knows who is signed in. */
  const fill = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(SHELL.assets);
    await cache.addAll(pages.map(page => new Request(page, {credentials: 'omit', cache: 'no-store'})));
    await skipWaiting();  // it holds nothing of an open page, so no page has to be closed or loaded again for it
  };

  const clear = async () => {
    const old = (await caches.keys()).filter(name => name.startsWith('shell-') && name !== CACHE);
    await Promise.all([...old.map(name => caches.delete(name)), registration.navigationPreload?.enable()]);
    await clients.claim();
  };

  const named = path => SHELL.pages[path]
    ?? Object.entries(SHELL.below).find(([start]) => path.startsWith(start))?.[1] ?? 'offline';

  const offline = async path => {
    const here = await self.shelf?.here().catch(() => {}), spoken = [here?.language, navigator.language.slice(0, 2)];
    const language = spoken.find(one => SHELL.languages.includes(one)) ?? SHELL.languages[0];
    return kept(at(language, named(path)));
  };

  /* Whoever signed out without signal is signed out before any page is shown. */
  const part = async () => {
    const out = await fetch('/sign-out', {method: 'POST', redirect: 'manual'});
    if (out.type === 'opaqueredirect') await self.shelf.setLeaving(false);
  };

  /* A shelf that broke keeps nobody from the network. Firefox resolves a preload that failed, to an error. */
  const network = async event => {
    if (await self.shelf?.leaving().catch(() => {})) return part().then(() => fetch(event.request));
    const early = await event.preloadResponse;
    return early && early.type !== 'error' ? early : fetch(event.request);
  };

  const late = () => new Promise((_, reject) => setTimeout(reject, PATIENCE));
  const show = async event => {
    const answer = network(event);
    try {
      const first = await Promise.race([answer, late()]);
      if (first.status < 502 || first.status > 504) return first;
    } catch {}
    return await offline(new URL(event.request.url).pathname) ?? answer;
  };

  addEventListener('install', event => event.waitUntil(fill()));
  addEventListener('activate', event => event.waitUntil(clear()));

  addEventListener('fetch', event => {
    const {method, mode, url} = event.request, {origin, pathname} = new URL(url);
    if (method !== 'GET' || origin !== location.origin) return;
    if (mode === 'navigate') event.respondWith(show(event));
    else if (SHELL.assets.includes(pathname)) event.respondWith(kept(pathname).then(found => found ?? fetch(event.request)));
  });

  addEventListener('sync', event => {
    if (event.tag === 'outbox') event.waitUntil(empty());
  });

  /* The browser asks again, later and later, as long as this fails. */
  const empty = async () => {
    const {word} = await self.outbox.flush();
    new BroadcastChannel('outbox').postMessage(word);
    if (word === 'later') throw new Error('still waiting');
  };
})();
