/* Single keys for those who read all morning: data-key="j" on a link, button or field presses or enters it.
   Not while typing, not when held down, and off for whoever unticks #keys-on. */
(() => {
  'use strict';
  const remembered = change => {
    try {
      if (change !== undefined) localStorage.setItem('keys', change ? 'on' : 'off');
      return localStorage.getItem('keys') !== 'off';
    } catch {
      return change ?? true;  // storage is barred: the choice lasts as long as the page
    }
  };
  let on = remembered();
  const box = document.getElementById('keys-on');
  if (box) box.checked = on;

  document.addEventListener('change', event => {
    if (event.target.id === 'keys-on') on = remembered(event.target.checked);
  });

  const writable = 'textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])';
  const typing = target => target.closest?.(writable);
  const seen = element => element.getClientRects().length > 0;

  // Where nothing has these keys they go down and up a list of [data-row]; Enter is the link's own.
  const step = event => {
    const by = {j: 1, k: -1}[event.key.toLowerCase()], rows = [...document.querySelectorAll('[data-row]')].filter(seen);
    if (!by || !rows.length) return;
    event.preventDefault();
    const at = rows.indexOf(document.activeElement);
    rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)].focus();
  };

  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    const field = typing(event.target), list = document.getElementById('keys');
    if (event.key === 'Escape') return field?.blur();
    if (field || !on) return;
    if (event.key === '?' && list) {
      list.open = !list.open;
      list.querySelector('summary').focus();
      return;
    }
    const goal = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)].find(seen);
    if (!goal) return step(event);
    event.preventDefault();
    if (typing(goal)) goal.focus();
    else goal.click();
  });
})();
