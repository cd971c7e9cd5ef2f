/* What is seen of a guided screen: the sentence, the count, the picture, and which buttons there are. Only the sentence
   is read out. Pictures are animations of transforms, drawn without us; who wants none has the count. */
(() => {
  'use strict';
  const screen = document.getElementById('guide'), {moments} = window;
  if (!screen) return;
  const at = name => document.getElementById(`guide-${name}`), still = matchMedia('(prefers-reduced-motion: reduce)');
  let moving = null;

  const now = run => run.list[run.at];
  const state = run => run.playing ? 'playing' : run.begun ? 'paused' : 'ready';
  const write = (name, words) => { if (at(name).textContent !== words) at(name).textContent = words; };

  const count = run => {
    const {seconds, round, rounds} = now(run), {of, left} = screen.dataset;
    const ahead = run.list.slice(run.at).reduce((sum, one) => sum + (one.seconds ?? 0), 0) - run.spent;
    const beat = round && Math.max(Math.ceil(seconds - run.spent), 1);
    const part = of.replace('#', round ?? run.at + 1).replace('%', rounds ?? run.list.length);
    const time = seconds && left.replace('%', moments.clock(Math.max(Math.ceil(ahead), 0)));
    write('count', [beat, part, time].filter(Boolean).join(' · '));
  };

  const paint = run => {
    const shown = state(run), timed = now(run).seconds !== null;
    for (const part of screen.querySelectorAll('[data-while]')) part.hidden = part.dataset.while !== shown;
    for (const part of screen.querySelectorAll('[data-for]')) part.toggleAttribute('hidden', !part.dataset.for.split(' ').includes(run.guide.kind));
    at('buzzes').hidden ||= !navigator.vibrate;
    at('next').className = timed ? 'btn quiet' : 'btn';
    at('minutes').hidden ||= run.begun;
    at('turn').hidden = run.over || !timed;
    at('back').disabled = run.at === 0;
    at('next').disabled = run.over;
    at('done').className = run.over || !timed && run.at === run.list.length - 1 ? 'btn wide' : 'btn plain wide';
    screen.dataset.state = run.over ? 'over' : shown;
    if (run.playing) moving?.play();
    else moving?.pause();
  };

  const move = run => {
    moving?.cancel();
    const {frames, seconds} = now(run), mover = screen.querySelector(`[data-for=${run.guide.kind}] [data-mover]`);
    const easing = run.guide.kind === 'pace' ? 'ease-in-out' : 'linear';
    moving = frames && !still.matches ? mover.animate(frames, {duration: seconds * 1000, fill: 'both', easing}) : null;
    if (moving) moving.currentTime = run.spent * 1000;
  };

  const show = run => {
    write('say', run.over ? screen.dataset.end : now(run).say);
    move(run);
    paint(run);
    if (run.over) write('count', '');
    else count(run);
  };

  window.stage = {now, show, count, paint};
})();
