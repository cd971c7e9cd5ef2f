/* One entry after the other on one page; and who else is at it, asked for again as long as the page is looked at. */
(() => {
  'use strict';
  const EVERY = 20000;
  let typed = -EVERY;
  const beside = () => document.getElementById('beside');

  /* It is not shared any more: no word of it stays on the page. What was typed does. */
  const gone = () => {
    for (const part of document.querySelectorAll('#sheet [data-shared]')) part.remove();
    const said = document.getElementById('gone');
    said.hidden = false;
    document.getElementById('said').textContent = said.textContent.trim();
  };

  const told = async answer => {
    if (answer.status === 404) return gone();
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html'), fresh = page.getElementById('beside');
    const there = beside();
    if (!fresh || fresh.dataset.from !== there?.dataset.from || fresh.textContent.trim() === there.textContent.trim()) return;
    there.replaceChildren(...fresh.childNodes);
  };

  const ask = (how = {}) => {
    const from = beside()?.dataset.from;
    if (!from || document.getElementById('gone')?.hidden === false) return;
    fetch(from, {...how, headers: {'HX-Request': 'true'}}).then(answer => beside()?.dataset.from === from && told(answer)).catch(() => {});
  };

  setInterval(() => document.hidden || ask(), EVERY);
  document.addEventListener('visibilitychange', () => document.hidden || ask());

  document.addEventListener('input', ({target}) => {
    if (!target.closest?.('#reply') || performance.now() - typed < EVERY) return;
    typed = performance.now();
    ask({method: 'POST', body: new URLSearchParams({whose: target.form.elements.whose.value})});
  });

  document.addEventListener('htmx:response:error', event => {
    if (event.detail.ctx.response.status === 404) ask();
  });

  document.addEventListener('htmx:after:swap', () => {
    const sheet = document.getElementById('sheet'), {address, title} = sheet?.dataset ?? {};
    if (!address || address === location.pathname) return;
    typed = -EVERY;
    history.replaceState(history.state, '', address);
    document.querySelector('h1').textContent = title;
    document.title = title;
    scrollTo(0, 0);
  });

  document.addEventListener('toggle', ({target}) => {
    if (target.open && target.closest?.('#sheet')) target.querySelector('textarea, input.control')?.focus();
  }, true);
})();
