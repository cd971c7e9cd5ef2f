/* The page of an urge: a tap on a number goes on by itself, "Start" opens the guided screen, and after that the number
   is asked again. Whoever uses the keys goes on by the buttons: there the arrows choose, and must not run away. */
(() => {
  'use strict';
  const {steps, shelf} = window, STRONG = 8, OPEN = 12 * 3600 * 1000, RATE = 1, TOOLS = 2, AGAIN = 3, LOOK = 4;
  const form = document.getElementById('urge') && (() => document.getElementById('urge'));
  if (!form || !steps) return;
  const value = name => form().elements[name].value;

  /* Its draft knows it too. */
  const note = (name, words) => {
    form().elements[name].value = words;
    form().elements[name].dispatchEvent(new Event('input', {bubbles: true}));
  };

  const rated = name => {
    const now = new Date().toISOString();
    if (name === 'before') note('rated_at', value('rated_at') || now);
    else note('again_at', now);
  };

  const strong = () => value('after') !== '' && Number(value('after')) >= STRONG;
  const paint = () => {
    for (const button of form().querySelectorAll('#step-1 [data-turn]')) button.disabled = value('before') === '';
    for (const one of form().querySelectorAll('.tool')) one.classList.toggle('chosen', one.querySelector('input').checked);
    document.getElementById('strong').hidden = !strong();
  };

  const begun = ({at}) => {
    const place = document.getElementById('rated'), before = value('before');
    place.hidden = before === '';
    place.textContent = `${place.dataset.rated.replace('%', before)} ·`;
    document.getElementById('ways').hidden = false;
    document.querySelectorAll('#ways i').forEach((way, n) => way.classList.toggle('on', !(n >= at)));
    paint();
  };

  const choose = name => {
    rated(name);
    paint();
    if (name === 'before') steps.show(form(), TOOLS);
    else if (!strong()) steps.show(form(), LOOK);
    steps.said(form());
  };

  document.addEventListener('change', ({target: {form: of, name}}) => {
    if (!of || of !== form()) return;
    if (name === 'before' || name === 'after') rated(name);
    if (name === 'after' && strong()) document.getElementById('urge-said').textContent = document.querySelector('#strong h3').textContent;
    paint();
  });

  document.addEventListener('click', ({target, detail: tapped}) => {
    const rating = target.closest('#urge input:is([name=before], [name=after])'), start = target.closest('#urge [data-guide]');
    if (rating && tapped) choose(rating.name);
    if (!start) return;
    start.closest('.tool').querySelector('input').checked = true;
    paint();
    steps.said(form());
  });

  document.addEventListener('stepped', ({detail}) => begun(detail), true);
  document.addEventListener('guided', ({detail: {done}}) => done && steps.show(form(), AGAIN), true);

  /* A draft of another night, or one that was left behind on purpose, is offered and not in the way. */
  let asked = location.hash === '#fresh' ? 0 : OPEN;
  document.addEventListener('fill', ({target}) => {
    const old = Date.now() - Date.parse(value('rated_at')) > asked;
    asked = Infinity;
    if (target === form() && old) setTimeout(() => target.querySelector('#draft-over')?.click());
  });

  /* Opened again, it goes on where it was left. */
  const left = () => value('after') !== '' ? LOOK : value('before') !== '' ? TOOLS : RATE;
  if (form().elements.version && !form().querySelector('.error')) steps.show(form(), left(), false);
  else begun({at: value('at')});

  /* Without signal: what has helped comes first here too, from the phone's own shelf. */
  const tool = ([name, why, key, ...says]) => {
    const known = document.querySelector(`[data-tool="${CSS.escape(key)}"]`), made = known ?? document.querySelector('.tool').cloneNode(true);
    const field = made.querySelector('input'), button = made.querySelector('[data-guide]'), line = document.createElement('small');
    made.dataset.tool = field.value = key;
    made.querySelector('label').htmlFor = field.id = `skill-${key}`;
    made.querySelector('b').textContent = button.dataset.name = name;
    line.textContent = why;
    made.querySelector('b').after(line);
    if (!known) button.dataset.guide = JSON.stringify({kind: 'steps', moments: says.map(say => ({say, seconds: null}))});
    button.id = `begin-${key}`;
    return made;
  };

  const ours = async () => {
    const [found] = await shelf.under(['own', 'tools']), items = found ? JSON.parse(await shelf.words(found)) : [];
    document.querySelector('.tools').prepend(...items.map(item => tool(item.words)));
    paint();
  };
  if (shelf && 'offline' in document.documentElement.dataset) shelf.ready.then(ours).catch(() => {});
})();
