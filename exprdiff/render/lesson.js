/*
 * The lesson page: a player of the sweeps over a graph.
 *
 * Before this script come RULES, for each kind of node
 *   run(...operands)     its value and its partial derivatives,
 *   edge(...operands)    whether it is at a kink or a jump,
 *   vertical(...operands)  whether an infinite derivative is a vertical tangent,
 *   branch(first)        of a choice, which input it takes;
 * and DATA has the graph. All numbers are calculated here, so that inputs can change.
 */
"use strict";

const TEXTS = {
  en: {
    title: "Automatic differentiation, step by step",
    language: "中文",
    inputs: "Inputs",
    inputsHint: "Type or drag: everything is calculated anew.",
    graph: "Graph",
    legend: "v is a value, v̄ its gradient; on the arrows are partial derivatives.",
    player: "Sweeps, step by step",
    first: "To the start",
    back: "Step back",
    play: "Play",
    pause: "Pause",
    next: "Next step",
    last: "To the end",
    step: "Step",
    of: "of",
    practice: "Practice: hide the numbers",
    primal: "Forward sweep: values",
    adjoint: "Reverse sweep: gradients",
    adjointOf: "Reverse sweep: gradients of ",
    trace: "Trace",
    begin: "Nothing is calculated yet. Go on with the button or the right arrow key.",
    input: "is an input",
    gives: "is calculated from the values of its inputs",
    seed: "The reverse sweep begins: the result changes as fast as itself.",
    passes: "passes on its gradient times the partial derivative, to",
    rule: "Rule",
    colon: ": ",
    stop: ".",
    done: "Both sweeps are done.",
    ask: "What is the result?",
    askSum: "What is the sum now?",
    check: "Check",
    show: "Show it",
    right: "Right.",
    wrong: "Not yet. Try again, or have it shown.",
    unreadable: "This is no number.",
    score: "right",
    shown: "shown",
    undefined: "is undefined or too large here",
    noGradient: "passes on a gradient that is undefined or too large here",
    needs: "needs",
    convention: "At a kink, a jump or a vertical tangent the derivative is a convention.",
    notTaken: "not taken",
    keys: "Arrow keys go one step, Home and End to the ends.",
    none: "none",
    true: "true",
    false: "false",
  },
  zh: {
    title: "自动微分，一步一步看",
    language: "English",
    inputs: "输入",
    inputsHint: "输入数值或拖动滑块，所有数字都会重新计算。",
    graph: "计算图",
    legend: "v 是数值，v̄ 是梯度，箭头上是偏导数。",
    player: "逐步演示",
    first: "回到开头",
    back: "上一步",
    play: "播放",
    pause: "暂停",
    next: "下一步",
    last: "到结尾",
    step: "第",
    of: "步，共",
    practice: "练习：隐藏数字",
    primal: "前向过程：数值",
    adjoint: "反向过程：梯度",
    adjointOf: "反向过程：梯度，对 ",
    trace: "运行记录",
    begin: "还没有开始计算。请按按钮或右方向键继续。",
    input: "是输入变量",
    gives: "由其输入的数值算出",
    seed: "反向过程开始：结果对自身的导数为 1。",
    passes: "把自己的梯度乘以局部偏导数，传给",
    rule: "规则",
    colon: "：",
    stop: "。",
    done: "前向和反向过程都已完成。",
    ask: "结果是多少？",
    askSum: "现在的和是多少？",
    check: "检查",
    show: "显示答案",
    right: "正确。",
    wrong: "还不对。再试一次，或显示答案。",
    unreadable: "这不是一个数。",
    score: "题正确",
    shown: "题看了答案",
    undefined: "在此处没有定义或数值过大",
    noGradient: "传出的梯度在此处没有定义或数值过大",
    needs: "要求",
    convention: "在尖点、跳跃点或垂直切线处，导数按约定取值。",
    notTaken: "未选用",
    keys: "方向键前进或后退一步，Home 和 End 键到两端。",
    none: "无",
    true: "真",
    false: "假",
  },
};

const byId = (id) => document.getElementById(id);
const nodes = new Map(DATA.nodes.map((node) => [node.id, node]));
const several = DATA.outputs.length > 1;

let language = /^zh\b/i.test(navigator.language || "") ? "zh" : "en";
const point = [...DATA.point]; // the values of the variables
let run = null; // what the sweeps gave
let position = 0; // how many steps are done
let timer = 0; // of the player
let practice = false;
let answers = new Map(); // "right" or "shown", by the number of the step

/* ---- Numbers and symbols ------------------------------------------------------- */

/** The number as a textbook has it: three decimals, or of small ones three digits. */
function short(x) {
  if (typeof x === "boolean") return TEXTS[language][x];
  if (x === undefined || x === null || Number.isNaN(x)) return TEXTS[language].none;
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "-∞";
  const size = Math.abs(x);
  if (DATA.precision) return String(Number(x.toPrecision(DATA.precision)));
  if (Number.isInteger(x) && size < 1e15) return String(x === 0 ? 0 : x);
  if (size >= 0.1 && size < 1e6) return String(Number(x.toFixed(3)));
  if (size < 1 && size >= 1e-4) return String(Number(x.toPrecision(3)));
  const digits = x.toExponential(size < 1 ? 2 : 5).replace(/\.?0*e/, "e");
  return digits.replace(/e(.)(\d)$/, "e$10$2");
}

const negative = (text) => (text.startsWith("-") ? `(${text})` : text);
const accent = { primal: "", adjoint: "\u0304" };
const plain = (kind, id) => `v${accent[kind]}${id}`;

/** An element with text, or with other elements. */
function element(name, options = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, options);
  made.append(...children);
  return made;
}

/** The symbol of a node, as v with an index. */
function symbol(kind, id) {
  const index = element("sub", {}, String(id).replace("-", "−"));
  return element("span", {}, element("var", {}, `v${accent[kind]}`), index);
}

/** The name of output number f. */
function result(f, bar = "") {
  const made = element("span", {}, element("var", {}, `f${bar}`));
  if (several) made.append(element("sub", {}, String(f + 1)));
  return made;
}

/** A formula out of the page's templates, with these numbers in it if it has places. */
function formula(key, numbers = null) {
  const made = byId(key).content.cloneNode(true);
  for (const place of made.querySelectorAll("[data-v]")) {
    place.textContent = numbers(Number(place.dataset.v));
  }
  for (const place of made.querySelectorAll("[data-signed]")) {
    const { textContent: text, nextSibling: after, previousSibling: before } = place;
    const raised = after?.nodeName === "SUP" || /^\^/.test(after?.data);
    const inside = raised || /[√∛]$/.test(before?.data);
    if (text.startsWith("-") || (inside && /\de/.test(text))) place.textContent = `(${text})`;
  }
  for (const place of made.querySelectorAll("[data-spaced]")) {
    const text = place.textContent;
    place.textContent = /^-|\de/.test(text) ? `(${text})` : ` ${text}`;
  }
  return made;
}

/** There is no number at a node, for a reason that is one of the texts. */
class Broken extends Error {
  constructor(node, reason) {
    super(reason);
    Object.assign(this, { node, reason });
  }
}

/* ---- The sweeps ---------------------------------------------------------------- */

/** Run both sweeps, and list their steps in the order in which they happen. */
function sweep(at) {
  const values = new Map();
  const partials = new Map();
  const edges = new Set(); // where the derivative is a matter of convention
  const large = new Set(); // where it is beyond the largest number
  const operand = (node, k) => {
    const given = node.inputs[k];
    return typeof given === "number" ? values.get(given) : node.literals[k];
  };
  const need = (given) => {
    if (typeof given === "number") calculate(given);
  };
  function calculate(id) {
    if (values.has(id)) return;
    const node = nodes.get(id);
    if (node.name !== null) {
      values.set(id, at[node.variable]);
      return;
    }
    const rule = RULES[node.rule];
    if (rule.branch) {
      need(node.inputs[0]);
      const taken = rule.branch(operand(node, 0)).value;
      need(node.inputs[taken]);
      values.set(id, operand(node, taken));
      partials.set(id, node.inputs.map((_, k) => (k === taken ? 1 : null)));
      return;
    }
    node.inputs.forEach(need);
    const given = [];
    node.inputs.forEach((input, k) => {
      if (typeof input === "number") given.push(operand(node, k));
    });
    const found = rule.run(...given);
    const within = given.every((x) => typeof x !== "number" || Number.isFinite(x));
    if (Number.isNaN(found.value) || (within && Math.abs(found.value) === Infinity)) {
      throw new Broken(node, "undefined");
    }
    values.set(id, found.value);
    let place = 0;
    const slopes = node.inputs.map((input) => {
      if (typeof input !== "number") return null;
      const slope = found.gradient[rule.operands[place++]];
      return slope === undefined ? null : slope;
    });
    partials.set(id, slopes);
    const steep = slopes.some((slope) => Math.abs(slope) === Infinity);
    if (steep && rule.vertical?.(...given).value) edges.add(id);
    else if (steep) large.add(id);
    if (rule.edge?.(...given).value) edges.add(id);
  }
  /** The nodes that depend on a variable whose derivative is asked for. */
  function moving(active) {
    const found = new Set();
    for (const id of active) {
      const node = nodes.get(id);
      const slopes = partials.get(id) || [];
      const moves = (source, k) => found.has(source) && slopes[k] !== null;
      const asked = node.name !== null && DATA.asked.includes(node.name);
      if (asked || node.inputs.some(moves)) found.add(id);
    }
    return found;
  }

  /** The steps of the reverse sweep of output f; there has to be a gradient. */
  function reverse(output, f, active, counts) {
    const totals = new Map([[output, 1]]);
    const steps = [{ sweep: "seed", f, id: output, total: 1 }];
    let lost = null;
    for (const id of [...active].reverse()) {
      const node = nodes.get(id);
      if (!totals.has(id) || node.name !== null) continue;
      const adjoint = totals.get(id);
      node.inputs.forEach((source, k) => {
        const partial = partials.get(id)[k];
        if (typeof source !== "number" || partial === null) return;
        const before = totals.get(source);
        const total = adjoint * partial + (before === undefined ? 0 : before);
        const terms = [adjoint, large.has(id) ? 0 : partial, before ?? 0];
        if (!counts.has(source)) {
          if (!Number.isFinite(total)) return;
        } else if (Math.abs(total) === Infinity && terms.every(Number.isFinite)) {
          throw new Broken(node, "noGradient");
        }
        if (Number.isNaN(total)) lost ??= node;
        totals.set(source, total);
        steps.push({ sweep: "reverse", f, id, k, source, adjoint, partial, before, total });
      });
    }
    for (const node of DATA.nodes) {
      if (counts.has(node.id) && node.name !== null && Number.isNaN(totals.get(node.id))) {
        throw new Broken(lost, "noGradient");
      }
    }
    return steps;
  }
  try {
    for (const node of DATA.nodes) if (node.name !== null) calculate(node.id);
    DATA.outputs.forEach(calculate);
    const active = DATA.order.filter((id) => values.has(id));
    const steps = [...active]
      .sort((a, b) => a - b)
      .map((id) => ({ sweep: "forward", id, total: values.get(id) }));
    const counts = moving(active);
    DATA.outputs.forEach((output, f) => steps.push(...reverse(output, f, active, counts)));
    return { values, partials, edges, steps, broken: null };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { values, partials, edges, steps: [], broken: error };
  }
}

/** The operands of a node as the trace has them. */
function operands(node) {
  return node.inputs.map((given, k) => {
    const taken = run.partials.get(node.id);
    const chosen = RULES[node.rule]?.branch && k > 0 && taken && taken[k] === null;
    if (chosen) return "not taken";
    return repr(typeof given === "number" ? run.values.get(given) : node.literals[k]);
  });
}

/** All digits of a number, or its name, as the trace has them. */
function repr(x) {
  const names = { true: "True", false: "False", Infinity: "inf", "-Infinity": "-inf" };
  return names[x] ?? String(x);
}

/* ---- What a step shows --------------------------------------------------------- */

/** Both sides of a step: symbols, numbers put in, and the sign before the result. */
function sides(step) {
  const node = nodes.get(step.id);
  const slopes = run.partials.get(step.id);
  const chooses = Boolean(RULES[node.rule]?.branch);
  const counts = (id) =>
    !chooses || node.inputs.some((i, k) => i === id && (k === 0 || slopes[k] !== null));
  const value = (id) => (counts(id) ? short(run.values.get(id)) : TEXTS[language].notTaken);
  if (step.sweep === "forward") {
    const puts = byId(`numbers${step.id}`);
    return {
      left: symbol("primal", step.id),
      sign: " = ",
      symbols: formula(`value${step.id}`),
      numbers: puts ? formula(`numbers${step.id}`, value) : null,
      giving: " = ",
    };
  }
  if (step.sweep === "seed") {
    const bar = accent.adjoint;
    const left = symbol("adjoint", step.id);
    return { left, sign: " = ", symbols: result(step.f, bar), numbers: null, giving: " = " };
  }
  const symbols = element("span", {}, symbol("adjoint", step.id), " · ");
  symbols.append(formula(`partial${step.id}_${step.k}`));
  const numbers = `${short(step.adjoint)} × ${negative(short(step.partial))}`;
  const left = symbol("adjoint", step.source);
  return { left, sign: " += ", symbols, numbers, giving: " → " };
}

/** Whether the result of a step is hidden until the student has found it. */
function asks(number) {
  const step = run.steps[number];
  if (!practice || !step || answers.has(number) || step.sweep === "seed") return false;
  if (step.sweep === "forward" && nodes.get(step.id).name !== null) return false;
  return Number.isFinite(step.total);
}

/** What a step means, in a sentence. */
function sentence(step) {
  const words = TEXTS[language];
  const name = plain("primal", step.id);
  if (step.sweep === "seed") return words.seed;
  const node = nodes.get(step.id);
  if (step.sweep === "forward") {
    const what = node.name !== null ? words.input : words.gives;
    return `${name} ${what}${words.stop}`;
  }
  const text = `${name} ${words.passes} ${plain("primal", step.source)}`;
  if (step.before === undefined) return text + words.stop;
  const hidden = asks(position - 1);
  const term = hidden ? "?" : negative(short(step.adjoint * step.partial));
  const sum = `${short(step.before)} + ${term} = ${hidden ? "?" : short(step.total)}`;
  return `${text}${words.colon}${sum}${words.stop}`;
}

/* ---- Drawing the page ---------------------------------------------------------- */

function drawTexts() {
  const words = TEXTS[language];
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = words[place.dataset.text];
  }
  for (const place of document.querySelectorAll("[data-label]")) {
    place.setAttribute("aria-label", words[place.dataset.label]);
    place.title = words[place.dataset.label];
  }
}

/** The tables of the steps, all of them, with those hidden that are still to come. */
function drawTables() {
  const words = TEXTS[language];
  const tables = [[words.primal, "forward", 0]];
  DATA.outputs.forEach((_, f) => {
    tables.push([several ? words.adjointOf : words.adjoint, "reverse", f]);
  });
  byId("tables").replaceChildren(
    ...tables.map(([title, kind, f]) => {
      const heading = element("h3", {}, title);
      if (several && kind === "reverse") heading.append(result(f));
      const list = element("ol", { className: "steps" });
      run.steps.forEach((step, number) => {
        const own = step.sweep === "forward" ? "forward" : "reverse";
        if (own !== kind || (kind === "reverse" && step.f !== f)) return;
        list.append(line(step, number));
      });
      return element("section", {}, heading, list);
    }),
  );
}

/** The line of a step in its table. */
function line(step, number) {
  const parts = sides(step);
  const made = element("li", {}, element("span", {}, parts.left, parts.sign, parts.symbols));
  made.dataset.step = number;
  const answer = element("span", { className: "answer" });
  if (parts.numbers) answer.append(" = ", parts.numbers);
  answer.append(parts.giving, element("b", {}, short(step.total)));
  made.append(answer);
  made.addEventListener("click", () => go(number + 1));
  return made;
}

/**
 * What the steps that are done have given, as texts, with ? for what is asked: the values
 * by node, the gradients by node and output, the partial derivatives by edge.
 */
function results(writeValue, writeSlope) {
  const found = { values: new Map(), gradients: new Map(), partials: new Map() };
  run.steps.slice(0, position).forEach((step, number) => {
    const text = (x, write) => (asks(number) ? "?" : write(x));
    if (step.sweep === "forward") {
      found.values.set(step.id, text(step.total, writeValue));
      return;
    }
    const node = step.sweep === "seed" ? step.id : step.source;
    if (!found.gradients.has(node)) found.gradients.set(node, []);
    found.gradients.get(node)[step.f] = text(step.total, writeSlope);
    if (step.sweep === "reverse") {
      found.partials.set(`${step.id} ${step.k}`, text(step.partial, writeSlope));
    }
  });
  return found;
}

/** The graph with what is known after the steps that are done. */
function drawGraph() {
  const { values: known, gradients: gathered, partials: slopes } = results(short, short);
  const current = run.steps[position - 1];
  for (const group of document.querySelectorAll(".graph .node")) {
    const id = Number(group.dataset.node);
    const on = current && (current.id === id || current.source === id);
    const sweeps = DATA.outputs.slice(0, current && current.f + 1);
    const gradients = sweeps.map((_, f) => gathered.get(id)?.[f] ?? "0").join(", ");
    const taken = run.values.has(id) || run.broken;
    group.querySelector(".value").textContent = known.has(id)
      ? `${plain("primal", id)} = ${known.get(id)}`
      : taken ? "" : TEXTS[language].notTaken;
    group.querySelector(".gradient").textContent = gathered.has(id)
      ? `${plain("adjoint", id)} = ${gradients}` : "";
    group.classList.toggle("current", Boolean(on));
    group.classList.toggle("skipped", !taken);
    group.classList.toggle("remark", run.edges.has(id));
    group.classList.toggle("broken", run.broken?.node.id === id);
  }
  follow(document.querySelectorAll(".graph .node.current"));
  for (const group of document.querySelectorAll(".graph .edge")) {
    const { source, target, input } = group.dataset;
    const forward = current?.sweep === "forward" && String(current.id) === target;
    const back = current?.sweep === "reverse" && String(current.id) === target
      && String(current.k) === input;
    group.classList.toggle("current", forward || back);
    group.classList.toggle("backward", back);
    group.querySelector(".partial").textContent = slopes.get(`${target} ${input}`) ?? "";
    group.classList.toggle("idle", run.partials.get(Number(target))?.[Number(input)] === null);
  }
}

/** Scroll the picture, if it is wider than its frame, to where something happens. */
function follow(groups) {
  const frame = document.querySelector(".picture");
  const outer = frame.getBoundingClientRect();
  for (const group of groups) {
    const inner = group.getBoundingClientRect();
    if (inner.left < outer.left || inner.right > outer.right) {
      frame.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
    }
    if (inner.top < outer.top || inner.bottom > outer.bottom) {
      frame.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
    }
  }
}

/** The trace's lines, and the part of the expression that the step is about. */
function drawTrace() {
  const current = run.steps[position - 1];
  const decimals = (x) => x.toFixed(3);
  const { values: known, gradients: gathered } = results(repr, decimals);
  const lines = DATA.order.filter((id) => run.values.has(id)).reverse().map((id) => {
    const node = nodes.get(id);
    const shown = node.name === null ? operands(node) : [repr(run.values.get(id))];
    let text = `Node ${id} : `;
    text += (known.get(id) ?? "?") === "?"
      ? node.operation
      : `[${shown.join(", ")}] ${node.operation} = ${known.get(id)}`;
    if (current && current.sweep !== "forward") {
      const zero = typeof run.values.get(id) === "boolean" ? "none" : "0.000";
      const own = gathered.get(id) || [];
      const gradients = DATA.outputs.slice(0, current.f + 1).map((_, f) => own[f] ?? zero);
      text += `, grad: ${gradients.join(", ")}`;
    }
    const item = element("li", {}, text);
    const on = current && (current.id === id || current.source === id);
    item.classList.toggle("current", Boolean(on));
    return item;
  });
  byId("trace").replaceChildren(...lines);
  const characters = Array.from(DATA.expression);
  const span = current && nodes.get(current.id).span;
  const [start, end] = span || [0, 0];
  byId("expression").replaceChildren(
    characters.slice(0, start).join(""),
    element("mark", {}, characters.slice(start, end).join("")),
    characters.slice(end).join(""),
  );
}

/** What the current step says, and the question in its place when practising. */
function drawStep() {
  const words = TEXTS[language];
  const number = position - 1;
  const step = run.steps[number];
  const parts = [];
  byId("problem").textContent = run.broken ? problem(run.broken) : "";
  byId("question").hidden = true;
  if (step) {
    const { left, sign, symbols, numbers, giving } = sides(step);
    const shown = element("p", { className: "formula" }, left, sign, symbols);
    if (!asks(number)) {
      if (numbers) shown.append(" = ", numbers);
      shown.append(giving, element("b", {}, short(step.total)));
    } else {
      shown.append(giving, element("b", {}, "?"));
      byId("question").hidden = false;
      byId("ask").textContent = step.before === undefined ? words.ask : words.askSum;
    }
    parts.push(shown, element("p", {}, sentence(step)));
    const rule = byId(`rule${nodes.get(step.id).rule}`);
    if (rule && step.sweep !== "seed") {
      const text = element("p", { className: "rule" }, words.rule + words.colon);
      text.append(rule.content.cloneNode(true));
      parts.push(text);
    }
    if (run.edges.has(step.id)) parts.push(element("p", {}, `⚠ ${words.convention}`));
    if (position === run.steps.length && !asks(number)) {
      parts.push(element("p", {}, words.done));
    }
  } else if (!run.broken) {
    parts.push(element("p", {}, words.begin));
  }
  byId("step").replaceChildren(...parts);
  const count = run.steps.length;
  const text = language === "zh"
    ? `${words.step} ${position} ${words.of} ${count} 步`
    : `${words.step} ${position} ${words.of} ${count}`;
  byId("count").textContent = text;
  byId("slider").max = count;
  byId("slider").value = position;
  byId("slider").setAttribute("aria-valuetext", text);
  byId("first").disabled = byId("back").disabled = position === 0;
  byId("last").disabled = position >= count || practice;
  byId("next").disabled = position >= count || asks(number);
  byId("play").disabled = practice || !count;
  byId("play").textContent = timer ? "❚❚" : "▶";
  byId("play").setAttribute("aria-label", timer ? words.pause : words.play);
  let right = 0;
  for (const answer of answers.values()) right += answer === "right";
  byId("score").textContent = practice && answers.size
    ? `${right} ${words.score}, ${answers.size - right} ${words.shown}` : "";
  for (const item of document.querySelectorAll("#tables li")) {
    const own = Number(item.dataset.step);
    item.classList.toggle("current", own === number);
    item.classList.toggle("later", own >= position || asks(own));
    if (own === number) {
      item.setAttribute("aria-current", "step");
      const list = item.parentElement;
      list.scrollTop = item.offsetTop - list.offsetTop - list.clientHeight / 2;
    } else {
      item.removeAttribute("aria-current");
    }
  }
}

/** Why there is no number at a node. */
function problem({ node, reason }) {
  const words = TEXTS[language];
  const rule = RULES[node.rule];
  const what = `${plain("primal", node.id)}: ${node.operation}(${operands(node).join(", ")})`;
  const domain = reason === "undefined" && rule.domain;
  const needs = domain ? ` — ${rule.signature} ${words.needs} ${rule.domain}` : "";
  return `${what} ${words[reason]}${needs}`;
}

function draw() {
  drawGraph();
  drawTrace();
  drawStep();
}

/* ---- What the reader does ------------------------------------------------------ */

/** Go to where this many steps are done, or when practising as far as is answered. */
function go(to) {
  let goal = Math.max(0, Math.min(to, run.steps.length));
  if (practice) {
    for (let number = 0; number < goal; number += 1) {
      if (asks(number)) goal = number + 1;
    }
  }
  position = goal;
  byId("verdict").textContent = "";
  byId("answer").value = "";
  draw();
  if (!byId("question").hidden) byId("answer").focus();
}

function stop() {
  clearInterval(timer);
  timer = 0;
}

function play() {
  if (timer) {
    stop();
    draw();
    return;
  }
  if (position >= run.steps.length) position = 0;
  timer = setInterval(() => {
    if (position >= run.steps.length) stop();
    go(position + 1);
  }, 1200);
  go(position + 1);
}

/** Calculate everything anew from the inputs. */
function recalculate() {
  const whole = position >= run.steps.length;
  run = sweep(point);
  answers = new Map();
  position = practice ? 0 : whole ? run.steps.length : Math.min(position, run.steps.length);
  drawTables();
  draw();
}

/** The number that a student has typed; a fraction and a decimal comma will do. */
function typed(text) {
  const plainText = text.trim().replace(/−/g, "-").replace(",", ".");
  const fraction = plainText.match(/^([-+]?[\d.]+(?:e[-+]?\d+)?)\s*\/\s*([\d.]+)$/i);
  if (fraction) return Number(fraction[1]) / Number(fraction[2]);
  return plainText ? Number(plainText) : NaN;
}

function check(event) {
  event.preventDefault();
  const number = position - 1;
  const words = TEXTS[language];
  const guess = typed(byId("answer").value);
  const truth = run.steps[number].total;
  if (Number.isNaN(guess)) {
    byId("verdict").textContent = words.unreadable;
  } else if (Math.abs(guess - truth) <= 0.005 * Math.abs(truth) + 1e-9) {
    answers.set(number, "right");
    draw();
    byId("verdict").textContent = words.right;
    byId("next").focus();
  } else {
    byId("verdict").textContent = words.wrong;
    byId("answer").select();
  }
}

function reveal() {
  answers.set(position - 1, "shown");
  byId("verdict").textContent = "";
  draw();
  byId("next").focus();
}

/** The controls of the inputs: a number to type, and a slider. */
function drawInputs() {
  const rows = DATA.point.map((value, k) => {
    const span = Math.max(1, 2 * Math.abs(value));
    const number = element("input", { type: "number", step: "any", id: `number${k}` });
    number.value = value;
    number.placeholder = short(value); // of an infinite one, which a field cannot hold
    const slider = element("input", { type: "range", id: `range${k}` });
    Object.assign(slider, { min: value - span, max: value + span, step: span / 200 });
    slider.value = value;
    slider.setAttribute("aria-label", DATA.names[k]);
    slider.disabled = !Number.isFinite(value);
    number.addEventListener("input", () => {
      if (number.value === "") return;
      slider.value = number.value;
      point[k] = Number(number.value);
      recalculate();
    });
    slider.addEventListener("input", () => {
      point[k] = Number(Number(slider.value).toPrecision(6));
      number.value = point[k];
      recalculate();
    });
    const label = element("label", { htmlFor: `number${k}` }, `${DATA.names[k]} =`);
    return element("div", { className: "input" }, label, number, slider);
  });
  byId("inputs").replaceChildren(...rows);
}

byId("first").addEventListener("click", () => { stop(); go(0); });
byId("back").addEventListener("click", () => { stop(); go(position - 1); });
byId("next").addEventListener("click", () => { stop(); go(position + 1); });
byId("last").addEventListener("click", () => { stop(); go(run.steps.length); });
byId("play").addEventListener("click", play);
byId("slider").addEventListener("input", () => { stop(); go(Number(byId("slider").value)); });
byId("question").addEventListener("submit", check);
byId("show").addEventListener("click", reveal);
byId("practice").addEventListener("change", () => {
  stop();
  practice = byId("practice").checked;
  answers = new Map();
  go(practice ? 0 : run.steps.length);
});
byId("language").addEventListener("click", () => {
  language = language === "en" ? "zh" : "en";
  byId("verdict").textContent = "";
  drawTexts();
  drawTables();
  draw();
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea") && event.target.id !== "practice") return;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const keys = { ArrowRight: position + 1, ArrowLeft: position - 1, Home: 0, End: Infinity };
  if (!(event.key in keys)) return;
  event.preventDefault();
  stop();
  go(keys[event.key]);
});

// A large picture is better scrolled than shrunk until nobody can read it.
const picture = document.querySelector(".picture svg");
picture.style.minWidth = `${0.75 * picture.viewBox.baseVal.width}px`;
drawTexts();
drawInputs();
byId("inputs-section").hidden = !point.length;
run = sweep(point);
position = run.steps.length;
drawTables();
draw();
