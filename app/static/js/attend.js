/* Checking in: the digits of a code that was pointed at stand behind the # of its address; and without signal the
   phone's own list says which sessions are near (data-own="sessions": name, when, id, from, until). */
(() => {
  'use strict';
  const {shelf} = window, form = document.forms.attendance, near = form?.querySelector('[data-near]');
  if (!form) return;
  const code = form.elements.code, [, digits] = location.hash.match(/^#(\d{4})$/) ?? [];
  const [, named, way] = location.pathname.match(/^\/attendances\/([0-9a-f-]{36})\/(arrival|departure)$/) ?? [];
  if (code && digits) {
    code.value = digits;
    history.replaceState(history.state, '', location.pathname);
  }

  const pick = (id, name, when, on) => {
    const label = document.createElement('label'), field = document.createElement('input');
    const [shown, words, title, line] = ['span', 'span', 'b', 'small'].map(kind => document.createElement(kind));
    Object.assign(label, {className: 'pick', htmlFor: `session-${id}`});
    Object.assign(field, {type: 'radio', id: `session-${id}`, name: 'session', value: id, checked: on, defaultChecked: on});
    Object.assign(title, {textContent: name, dir: 'auto'});
    line.textContent = when;
    words.append(title, ' ', line);
    shown.append(words);
    label.append(field, shown);
    return label;
  };

  const fill = async () => {
    const [found] = await shelf.under(['own', 'sessions']), now = Date.now();
    const known = (found ? JSON.parse(await shelf.words(found)) : []).map(({words}) => words);
    const open = known.find(([, , , from, until]) => Date.parse(from) <= now && now <= Date.parse(until));
    const wanted = named ?? open?.[2], list = known.map(([name, when, id]) => pick(id, name, when, id === wanted));
    if (named && !known.some(([, , id]) => id === named)) list.unshift(pick(named, near.dataset.near, '', true));
    near.replaceChildren(...list);
  };

  for (const radio of way ? form.querySelectorAll('[name=way]') : [])
    radio.checked = radio.defaultChecked = radio.value === (way === 'arrival' ? 'arriving' : 'leaving');
  if (near && shelf) shelf.ready.then(fill).catch(() => {});
})();
