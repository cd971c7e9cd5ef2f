/* The home screen: a hint from the third visit on, and the browser's own way there where it has one.
   Counted on this phone alone, up to three; where storage is barred, nothing is said. */
(() => {
  'use strict';
  const hint = document.getElementById('install-hint');
  let offer;

  const tried = deed => { try { return deed(); } catch { return false; } };

  /* A visit is a browsing session in which Today was opened. */
  const wanted = () => {
    const {visits = 0} = localStorage;
    if (visits === 'never' || matchMedia('(display-mode: standalone)').matches || navigator.standalone) return false;
    const now = Number(visits) + (sessionStorage.visited ? 0 : 1);
    sessionStorage.visited = 'yes';
    localStorage.visits = Math.min(now, 3);
    return now > 2;
  };
  if (hint) hint.hidden = !tried(wanted);

  const never = () => {
    tried(() => { localStorage.visits = 'never'; });
    if (hint) hint.hidden = true;
  };

  const hold = event => {
    offer = event;
    for (const button of document.querySelectorAll('[data-install]')) button.hidden = !event;
  };

  addEventListener('beforeinstallprompt', event => {
    event.preventDefault();  // it asks when somebody wants it to
    hold(event);
  });

  addEventListener('appinstalled', () => {
    never();
    navigator.storage?.persist?.();
  });

  document.addEventListener('click', ({target}) => {
    const taken = target.closest('[data-install]');
    if (!taken && !target.closest('#install-never')) return;
    if (taken) {
      offer.prompt();
      hold();  // an offer is good for once
    } else {
      never();
    }
    document.getElementById('main').focus({preventScroll: true});  // what was pressed is gone
  });
})();
