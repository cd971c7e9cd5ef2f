/* What a guided screen asks: minutes to choose from, whether to vibrate (kept on this phone), and questions, whose
   answers stand in the line of the log form at once, so that closing the screen loses none. */
(() => {
  'use strict';
  const screen = document.getElementById('guide');
  if (!screen) return;
  const at = name => document.getElementById(`guide-${name}`), fields = {text: at('words'), scale: at('scale')};
  let asked = null;

  const remembered = change => {
    try {
      if (change !== undefined) localStorage.setItem('buzz', change ? 'on' : 'off');
      return localStorage.getItem('buzz') === 'on';
    } catch {
      return change ?? false;  // storage is barred: the choice lasts as long as the page
    }
  };

  const told = () => asked.list.map(({say}, n) => asked.answers[n] && `${say}\n${asked.answers[n]}`);
  const write = ({target}) => {
    asked.answers[asked.at] = target.value.trim();
    at('shown').textContent = target === fields.scale ? target.value : '';
    const line = asked.form.elements.words;
    line.value = [asked.text, ...told()].filter(Boolean).join('\n\n');
    line.dispatchEvent(new Event('input', {bubbles: true}));  // the draft is kept with it
  };

  const show = run => {
    const {ask, most} = run.list[run.at], answer = run.answers[run.at] ?? '';
    asked = run;
    if (!ask) return;
    for (const part of screen.querySelectorAll('[data-ask]')) part.hidden = part.dataset.ask !== ask;
    fields.scale.max = most || 10;
    fields.scale.value = answer || (most || 10) / 2;
    fields.text.value = answer;
    at('shown').textContent = answer || '–';
  };

  const choices = ({minutes, choices: some = []}, choose) => at('choices').replaceChildren(...some.map(one => {
    const made = at('choice').content.cloneNode(true).firstElementChild, field = made.querySelector('input');
    Object.assign(field, {id: `minutes-${one}`, value: one, checked: one === minutes, onchange: () => choose(one)});
    made.querySelector('span').textContent = one;
    return made;
  }));

  for (const field of Object.values(fields)) field.addEventListener('input', write);
  at('buzz').checked = remembered();
  at('buzz').addEventListener('change', ({target}) => remembered(target.checked));
  window.asking = {show, choices};
})();
