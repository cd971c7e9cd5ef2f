/* The outbox: what was logged on this phone and is not yet known to be kept. In the page and in the worker.
   A post is sealed first, then sent, in order, by one sender at a time; it is forgotten only when the server says
   Kept with its very id. Each carries whose it is; nobody else on this phone sends it. */
(() => {
  'use strict';
  const {shelf} = self;
  if (!shelf) return;
  const REFUSED = [413, 422], LATER = [408, 425, 429], SECONDS = 1000;

  /* What the server's answer makes of a post: kept, refused (it needs another look), sign-in, later (the server or
     the way to it), elsewhere (not hers who is signed in here now). A stranger's page never counts as an answer. */
  const verdict = ({headers, status}, id) => {
    if (headers.get('Kept') === id) return 'kept';
    if (status === 401) return 'sign-in';
    if (status === 403 || status === 404) return 'elsewhere';
    return REFUSED.includes(status) ? 'refused' : 'later';
  };

  /* What no page of ours answers is a stranger's, or about this one post alone: it waits, and holds up nothing. */
  const odd = ({status}) => status >= 400 && status < 500 && !LATER.includes(status);

  const idOf = item => item.name[2];
  const list = async () => (await shelf.under(['outbox'])).reverse();

  /* post: action, pairs [[name, value]]; for the person's eyes title, told, page, draft; step: more of it will come.
     What waits under the same id is said anew by it. */
  const add = (id, post) => shelf.put(['outbox', id], JSON.stringify(post), {state: 'waiting'});
  const read = async item => JSON.parse(await shelf.words(item));

  const send = ({action, pairs}, whose) => {
    const body = new URLSearchParams([...pairs, ['whose', whose], ['sent_at', new Date().toISOString()]]);
    const signal = AbortSignal.timeout?.(30 * SECONDS);
    return fetch(action, {method: 'POST', body, redirect: 'manual', headers: {'HX-Request': 'true'}, signal});
  };

  /* Sends what is waiting, and `wanted` even if it was refused before. Resolves to the word that ended it, the answer
     to `wanted` with its own word, what is left, and after how many seconds the server wants to be asked again. */
  const heard = new Map();  // what another turn of this page was answered, for whoever comes too late to ask
  const round = async wanted => {
    const ended = {word: 'kept'};
    for (const item of await list()) {
      const id = idOf(item), post = await read(item).catch(() => null);
      if (!post || item.state === 'refused' && id !== wanted) continue;
      const answer = await send(post, item.name[0]).catch(() => new Response(null, {status: 503}));
      const word = verdict(answer, id);
      if (id === wanted) Object.assign(ended, {answer, mine: word});
      else if (word === 'kept' && !post.step) heard.set(id, {answer, mine: word});
      Object.assign(ended, {word, after: Number(answer.headers.get('Retry-After')) || 0});
      // Its draft goes with it. A step leaves the draft, which knows more; and a later step may have come in meanwhile.
      const done = thing => idOf(thing) === id ? thing.at === item.at : thing.id === id && !post.step;
      if (word === 'kept') await shelf.remove([], done);
      else await shelf.mark(['outbox', id], {state: word});
      if (word === 'sign-in' || word === 'later' && !odd(answer)) break;
    }
    return {...heard.get(wanted), ...ended, left: await list()};
  };

  const turn = deed => navigator.locks ? navigator.locks.request('outbox', deed) : deed();
  const flush = wanted => turn(() => round(wanted));

  self.outbox = {add, flush, idOf, list, read};
})();
