/* The guided screen: plays the moments of a skill, one after the other; pauses when nobody looks, and goes on from
   there. Time is added up in small steps, so no clock that is set, and no sleep of the phone, can break it. */
(() => {
  'use strict';
  const screen = document.getElementById('guide'), formOf = button => button.closest('form') ?? document.getElementById('practice');
  if (!screen?.showModal) return;
  const {moments, stage, asking} = window, TICK = 200, MOST = 2000, LEAST = 15;
  const at = name => document.getElementById(`guide-${name}`), runs = new WeakMap();
  let run = null, lock = null;

  const awake = async () => {
    try {
      lock ??= await navigator.wakeLock?.request('screen');
      if (!run.playing) asleep();  // it was given late
    } catch {}  // the battery is low, or the browser would rather not
  };
  const asleep = () => {
    lock?.release();
    lock = null;
  };

  const show = () => {
    stage.show(run);
    if (!run.over) asking.show(run);
    if (run.playing && at('buzz').checked) navigator.vibrate?.(60);
  };

  const play = on => {
    const timed = stage.now(run).seconds !== null && !run.over;
    clearInterval(run.timer);
    Object.assign(run, {playing: on && timed, begun: run.begun || on, last: performance.now()});
    if (run.playing) {
      run.timer = setInterval(tick, TICK);
      awake();
    } else asleep();
    stage.paint(run);
  };
  const pause = () => run?.playing && play(false);

  const go = step => {
    const last = run.at + step >= run.list.length, playing = run.playing || run.waits;
    if (run.over || last) run.over = last && !run.over;
    else run.at = Math.max(run.at + step, 0);
    run.spent = 0;
    run.waits = playing && stage.now(run).seconds === null;  // until one goes on: then the time runs again
    if (run.over || run.waits) play(false);
    else if (playing) play(true);
    show();
    if (run.over) at('done').focus();
  };

  const tick = () => {
    const time = performance.now(), gone = Math.min(Math.max(time - run.last, 0), MOST) / 1000;
    Object.assign(run, {last: time, spent: run.spent + gone, total: run.total + gone});
    if (run.spent >= stage.now(run).seconds) go(1);
    else stage.count(run);
  };

  const fresh = guide => ({guide, list: moments.of(guide, guide.minutes), at: 0, spent: 0, total: 0, answers: []});
  const choose = minutes => {
    run.list = moments.of(run.guide, minutes);
    show();
  };

  const begin = button => {
    run = runs.get(button);
    if (!run || run.over) runs.set(button, run = fresh(JSON.parse(button.dataset.guide)));
    run.form = formOf(button);
    run.text ??= run.form.elements.words.value;
    at('name').textContent = button.dataset.name;
    asking.choices(run.guide, choose);
    screen.returnValue = '';
    screen.showModal();
    at('name').focus();
    if (run.guide.kind !== 'wave' || run.begun) play(true);
    run.waits = stage.now(run).seconds === null;
    show();
  };

  /* On to the form, which knows already how long it took. That of an urge listens, and goes on by itself. */
  screen.addEventListener('close', () => {
    pause();
    asleep();
    const {form, total, answers} = run, {minutes} = form.elements;
    form.dispatchEvent(new CustomEvent('guided', {detail: {done: screen.returnValue === 'done'}}));
    if (!minutes || total < LEAST && !answers.length) return;
    if (total >= LEAST) minutes.value ||= Math.max(Math.round(total / 60), 1);
    minutes.dispatchEvent(new Event('input', {bubbles: true}));
    document.getElementById('practice-title').focus();
  });

  at('turn').addEventListener('click', () => play(!run.playing));
  at('back').addEventListener('click', () => go(-1));
  at('next').addEventListener('click', () => go(1));
  at('done').addEventListener('click', () => screen.close('done'));
  document.addEventListener('visibilitychange', () => document.hidden && pause());
  addEventListener('pagehide', pause);
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-guide]');
    if (button) begin(button);
  });

  const unveil = () => {
    for (const button of document.querySelectorAll('[data-guide]')) button.hidden = false;
  };
  document.addEventListener('htmx:after:swap', unveil);
  unveil();
})();
