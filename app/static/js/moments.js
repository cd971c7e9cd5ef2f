/* What a guided screen is made of: moments in a row, each {say, seconds (null: until one goes on), ask}, and how its
   picture moves meanwhile (keyframes of transforms, for the browser to draw by itself). */
(() => {
  'use strict';
  const LOW = .42;

  /* How far the chest is filled after each phase: in, out; in, hold (or a bit more), out; in, hold, out, rest. */
  const filled = phases => ({
    2: [1, 0], 3: phases[1]?.seconds < phases[0].seconds ? [.8, 1, 0] : [1, 1, 0], 4: [1, 1, 0, 0],
  })[phases.length];

  const scale = share => ({transform: `scale(${LOW + (1 - LOW) * share})`});
  const pace = ({phases, rounds}) => Array.from({length: rounds}).flatMap((_, round) => phases.map((phase, at) => {
    const levels = filled(phases), from = levels[at - 1] ?? 0;
    return {...phase, round: round + 1, rounds, frames: [scale(from), scale(levels[at])]};
  }));

  const steps = ({moments}) => moments.map(moment =>
    ({...moment, frames: moment.seconds && [{transform: 'scaleX(0)'}, {transform: 'scaleX(1)'}]}));

  /* The dot on the wave: its place at a share (0–1) of the time, on the curve of the template. */
  const cubic = (a, b, c, d, t) => a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t ** 2 * (1 - t) + d * t ** 3;
  const place = share => {
    const up = share < .5, t = up ? share * 2 : share * 2 - 1;
    const [x, y] = up ? [cubic(10, 90, 95, 150, t), cubic(104, 104, 16, 16, t)]
      : [cubic(150, 205, 210, 290, t), cubic(16, 16, 104, 104, t)];
    return {transform: `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`};
  };
  const wave = ({says}, minutes) => says.map(({say, at}, n) => {
    const until = says[n + 1]?.at ?? 1, dots = Array.from({length: 13}, (_, dot) => place(at + (until - at) * dot / 12));
    return {say, seconds: (until - at) * minutes * 60, frames: dots};
  });

  const questions = ({questions: asked}) => asked.map(({ask, kind}) =>
    ({say: ask, seconds: null, ask: kind === 'text' ? 'text' : 'scale', most: Number(kind.split('-')[1])}));

  const clock = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

  window.moments = {of: (guide, minutes) => ({pace, steps, wave, questions})[guide.kind](guide, minutes), clock};
})();
