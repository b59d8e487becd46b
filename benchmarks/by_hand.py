"""Columns of value and derivatives, the way the users of other tools would add them.

    python benchmarks/by_hand.py TOOL FORMULA IN OUT

The derivatives of FORMULA are those of a person with a pencil, but for the tools that
differentiate. IN and OUT are tables, both of them Parquet or both CSV.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial, wraps
from types import SimpleNamespace
from typing import Any, NamedTuple

#: Rows that NumPy takes at a time, so that what it keeps meanwhile stays in the cache.
ROWS = 1 << 15


def survey(m: Any, x1: Any, x2: Any) -> Any:
    """A textbook's, in the functions of a module."""
    return m.log(x1) + x1 * x2 - m.sin(x2)


def survey_by_hand(m: Any, c: Any) -> Iterator[dict[str, Any]]:
    """Columns to add to the columns c, in stages, each of which uses those before."""
    yield {
        "value": m.log(c.x1) + c.x1 * c.x2 - m.sin(c.x2),
        "d_x1": 1 / c.x1 + c.x2,
        "d_x2": c.x1 - m.cos(c.x2),
    }


def article(m: Any, x1: Any, x2: Any) -> Any:
    """One with the logistic function, written out."""
    return (x1 + 1 / (1 + m.exp(-x2))) / (1 / (1 + m.exp(-x1)) + (x1 + x2) ** 2)


def article_by_hand(m: Any, c: Any) -> Iterator[dict[str, Any]]:
    """The derivative of s is s*(1 - s)."""
    yield {
        "s1": 1 / (1 + m.exp(-c.x1)),
        "s2": 1 / (1 + m.exp(-c.x2)),
        "sum": c.x1 + c.x2,
    }
    yield {"below": c.s1 + c.sum * c.sum}
    yield {"value": (c.x1 + c.s2) / c.below}
    yield {
        "d_x1": (1 - c.value * (c.s1 * (1 - c.s1) + 2 * c.sum)) / c.below,
        "d_x2": (c.s2 * (1 - c.s2) - 2 * c.value * c.sum) / c.below,
    }


#: What a tilted, finned pipe earns: the heat that it takes in less what it radiates,
#: the power of its pump and the strain of its wall, by what its metal costs. It has a
#: flow x1, bore x2, length x3, viscosity x4, density x5, conductivity x6, heat capacity
#: x7, difference of temperatures x8, angle x9 and thickness x10.
PIPE = """\
area = 0.785398*x2^2
speed = x1/(x5*area)
re = x5*speed*x2/x4
pr = x7*x4/x6
gz = re*pr*x2/x3
root = exp(0.667*ln(gz))
nu = 3.66+0.0668*gz/(1+0.04*root)
h_in = nu*x6/x2
outside = x2+2*x10
wall = ln(outside/x2)*x2/30
h_out = 5+2*cos(x9)
slim = sqrt(h_out*x10/7.5)
fin = tanh(slim)/slim
resist = 1/h_in+wall+x2/(outside*h_out*fin)
ntu = 3.14159*x2*x3/(resist*x1*x7)
gain = 1-exp(-ntu)
heat = gain*x1*x7*x8
hot = 1+x8*(1-gain)
lost = 0.085*outside*x3*((hot^2)^2-1)
f = 64/re+0.3164/sqrt(sqrt(re))
loss = (f*x3/x2+1.5)*x5*speed^2/2
lift = 9.81*x5*x3*sin(x9)
power = (loss+lift)*x1/(0.7*x5)
stress = loss*x2/(2*x10)
strain = sqrt(1+(stress/40)^2)
metal = 3.14159*(x2+x10)*x10*x3
(heat-lost-power-0.2*strain)/(1+0.3*metal)"""


def hundred(
    m: Any,
    x1: Any,
    x2: Any,
    x3: Any,
    x4: Any,
    x5: Any,
    x6: Any,
    x7: Any,
    x8: Any,
    x9: Any,
    x10: Any,
) -> Any:
    """The pipe's, of a hundred operations."""
    area = 0.785398 * x2**2
    speed = x1 / (x5 * area)
    re = x5 * speed * x2 / x4
    pr = x7 * x4 / x6
    gz = re * pr * x2 / x3
    root = m.exp(0.667 * m.log(gz))
    nu = 3.66 + 0.0668 * gz / (1 + 0.04 * root)
    h_in = nu * x6 / x2
    outside = x2 + 2 * x10
    wall = m.log(outside / x2) * x2 / 30
    h_out = 5 + 2 * m.cos(x9)
    slim = m.sqrt(h_out * x10 / 7.5)
    fin = m.tanh(slim) / slim
    resist = 1 / h_in + wall + x2 / (outside * h_out * fin)
    ntu = 3.14159 * x2 * x3 / (resist * x1 * x7)
    gain = 1 - m.exp(-ntu)
    heat = gain * x1 * x7 * x8
    hot = 1 + x8 * (1 - gain)
    lost = 0.085 * outside * x3 * ((hot**2) ** 2 - 1)
    f = 64 / re + 0.3164 / m.sqrt(m.sqrt(re))
    loss = (f * x3 / x2 + 1.5) * x5 * speed**2 / 2
    lift = 9.81 * x5 * x3 * m.sin(x9)
    power = (loss + lift) * x1 / (0.7 * x5)
    stress = loss * x2 / (2 * x10)
    strain = m.sqrt(1 + (stress / 40) ** 2)
    metal = 3.14159 * (x2 + x10) * x10 * x3
    return (heat - lost - power - 0.2 * strain) / (1 + 0.3 * metal)


def hundred_by_hand(m: Any, c: Any) -> Iterator[dict[str, Any]]:
    """Of what products are made of, e_… is the part times the derivative in it.

    So a factor hands it on as it is, and a divisor with the other sign.
    """
    yield {
        "speed": c.x1 / (0.785398 * c.x5 * c.x2 * c.x2),
        "pr": c.x7 * c.x4 / c.x6,
        "outside": c.x2 + 2 * c.x10,
        "sine": m.sin(c.x9),
        "cosine": m.cos(c.x9),
        "weight": 9.81 * c.x5 * c.x3,
        "share": c.x1 / (0.7 * c.x5),
        "most": c.x1 * c.x7 * c.x8,
    }
    yield {
        "re": c.x5 * c.speed * c.x2 / c.x4,
        "h_out": 5 + 2 * c.cosine,
        "wall": m.log(c.outside / c.x2) * c.x2 / 30,
        "lift": c.weight * c.sine,
        "scale": 1 + 0.3 * 3.14159 * (c.x2 + c.x10) * c.x10 * c.x3,
    }
    yield {
        "slim": m.sqrt(c.h_out * c.x10 / 7.5),
        "gz": c.re * c.pr * c.x2 / c.x3,
        "smooth": 64 / c.re,
        "rough": 0.3164 / m.sqrt(m.sqrt(c.re)),
    }
    yield {
        "bend": m.tanh(c.slim),
        "root": 0.04 * m.exp(0.667 * m.log(c.gz)),
        "pipe": (c.smooth + c.rough) * c.x3 / c.x2,
    }
    yield {
        "fin": c.bend / c.slim,
        "entry": 0.0668 * c.gz / (1 + c.root),
        "loss": (c.pipe + 1.5) * c.x5 * c.speed * c.speed / 2,
    }
    yield {
        "film": c.x2 / (c.outside * c.h_out * c.fin),
        "nu": 3.66 + c.entry,
        "power": (c.loss + c.lift) * c.share,
        "stress": c.loss * c.x2 / (80 * c.x10),
    }
    yield {
        "h_in": c.nu * c.x6 / c.x2,
        "strain": m.sqrt(1 + c.stress * c.stress),
    }
    yield {"resist": 1 / c.h_in + c.wall + c.film}
    yield {"ntu": 3.14159 * c.x2 * c.x3 / (c.resist * c.x1 * c.x7)}
    yield {"rest": m.exp(-c.ntu)}
    yield {
        "heat": c.most - c.most * c.rest,
        "hot": 1 + c.x8 * c.rest,
        "glow": 0.085 * c.outside * c.x3,
    }
    yield {"cubed": c.hot * c.hot * c.hot}
    yield {"lost": c.glow * (c.hot * c.cubed - 1), "d_hot": -4 * c.glow * c.cubed}
    yield {
        "value": (c.heat - c.lost - c.power - 0.2 * c.strain) / c.scale,
        "e_ntu": (c.most - c.d_hot * c.x8) * c.rest * c.ntu,
        "e_stress": -0.2 * c.stress * c.stress / c.strain,
        "e_lift": -c.share * c.lift,
    }
    yield {
        "d_metal": -0.3 * 3.14159 * c.value,
        "d_resist": -c.e_ntu / c.resist,
        "e_loss": c.e_stress - c.share * c.loss,
    }
    yield {
        "e_film": c.d_resist * c.film,
        "e_wall": c.d_resist * c.x2 / 30,
        "e_h_in": -c.d_resist / c.h_in,
        "e_pipe": c.e_loss * c.pipe / (c.pipe + 1.5),
    }
    yield {
        "e_gz": c.e_h_in * c.entry * (1 - 0.667 * c.root / (1 + c.root)) / c.nu,
        "e_slim": c.e_film * (1 - (1 - c.bend * c.bend) / c.fin),
        "d_outside": (c.e_wall - c.e_film - c.lost) / c.outside,
    }
    yield {
        "e_h_out": c.e_slim / 2 - c.e_film,
        "e_re": c.e_gz - c.e_pipe * (c.smooth + c.rough / 4) / (c.smooth + c.rough),
    }
    yield {"e_speed": c.e_re + 2 * c.e_loss}
    yield {
        "d_x1": (c.heat - c.e_ntu - c.power + c.e_speed) / (c.x1 * c.scale),
        "d_x2": (
            (
                c.e_ntu
                + c.e_film
                + c.d_resist * c.wall
                - c.e_wall
                - c.e_h_in
                + c.e_gz
                + c.e_stress
                - c.e_pipe
                + c.e_re
                - 2 * c.e_speed
            )
            / c.x2
            + c.d_outside
            + c.d_metal * c.x10 * c.x3
        )
        / c.scale,
        "d_x3": (
            (c.e_ntu - c.lost - c.e_gz + c.e_lift + c.e_pipe) / c.x3
            + c.d_metal * (c.x2 + c.x10) * c.x10
        )
        / c.scale,
        "d_x4": (c.e_gz - c.e_re) / (c.x4 * c.scale),
        "d_x5": (c.power + c.e_lift - c.e_loss) / (c.x5 * c.scale),
        "d_x6": (c.e_h_in - c.e_gz) / (c.x6 * c.scale),
        "d_x7": (c.heat - c.e_ntu + c.e_gz) / (c.x7 * c.scale),
        "d_x8": (c.heat / c.x8 + c.d_hot * c.rest) / c.scale,
        "d_x9": -(2 * c.sine * c.e_h_out / c.h_out + c.share * c.weight * c.cosine)
        / c.scale,
        "d_x10": (
            (c.e_slim / 2 - c.e_stress) / c.x10
            + 2 * c.d_outside
            + c.d_metal * c.x3 * c.outside
        )
        / c.scale,
    }


class Formula(NamedTuple):
    """For exprdiff, for what differentiates, and for what does not."""

    text: str
    variables: int  #: how many, x1 and so on
    function: Callable[..., Any]
    by_hand: Callable[[Any, Any], Iterator[dict[str, Any]]]

    @property
    def names(self) -> list[str]:
        """Those of the variables."""
        return [f"x{k + 1}" for k in range(self.variables)]

    @property
    def results(self) -> list[str]:
        """Those of the columns to add."""
        return ["value", *(f"d_{name}" for name in self.names)]


FORMULAS = {
    "survey": Formula("ln(x1)+x1*x2-sin(x2)", 2, survey, survey_by_hand),
    "article": Formula("(x1+σ(x2))/(σ(x1)+(x1+x2)²)", 2, article, article_by_hand),
    "hundred": Formula(PIPE, 10, hundred, hundred_by_hand),
}


def piece(form: str) -> Callable[..., "Sql"]:
    """An operation that puts pieces of SQL together."""
    return lambda *operands: Sql(form.format(*operands))


class Sql(str):
    """A piece of SQL, which grows by the operators of Python."""

    __add__, __radd__ = piece("({} + {})"), piece("({1} + {0})")
    __sub__, __rsub__ = piece("({} - {})"), piece("({1} - {0})")
    __mul__, __rmul__ = piece("{}*{}"), piece("{1}*{0}")
    __truediv__, __rtruediv__ = piece("{}/({})"), piece("{1}/({0})")
    __neg__ = piece("(-{})")
    log, exp, sqrt = piece("ln({})"), piece("exp({})"), piece("sqrt({})")
    sin, cos, tanh = piece("sin({})"), piece("cos({})"), piece("tanh({})")


class Columns:
    """Every name is a column."""

    def __getattr__(self, name: str) -> Sql:
        return Sql(name)


def duckdb(formula: Formula, source: str, target: str) -> None:
    """One query, a layer for each stage."""
    import duckdb

    query = f"FROM '{source}'"
    for stage in formula.by_hand(Sql, Columns()):
        added = ", ".join(f"{part} AS {name}" for name, part in stage.items())
        query = f"SELECT *, {added} FROM ({query})"
    names = ", ".join(["id", *formula.names, *formula.results])
    duckdb.execute(f"COPY (SELECT {names} FROM ({query})) TO '{target}'")


def polars(formula: Formula, source: str, target: str) -> None:
    """One lazy frame, which is streamed."""
    import polars as pl

    csv = source.endswith(".csv")
    frame = pl.scan_csv(source) if csv else pl.scan_parquet(source)
    for stage in formula.by_hand(pl.Expr, pl.col):
        frame = frame.with_columns(**stage)
    frame = frame.select("id", *formula.names, *formula.results)
    (frame.sink_csv if csv else frame.sink_parquet)(target)


def arrow(prepare: Callable[..., Any]) -> Callable[[Formula, str, str], None]:
    """What computes with arrays: pyarrow reads and writes."""

    @wraps(prepare)
    def run(formula: Formula, source: str, target: str) -> None:
        if source.endswith(".csv"):
            from pyarrow.csv import read_csv as read
            from pyarrow.csv import write_csv as write
        else:
            from pyarrow.parquet import read_table as read
            from pyarrow.parquet import write_table as write

        table = read(source)
        columns = [table[name].to_numpy() for name in formula.names]
        results = prepare(formula)(*columns)
        for name, column in zip(formula.results, results, strict=True):
            table = table.append_column(name, [column])
        write(table, target)

    return run


def blocks(prepare: Callable[..., Any]) -> Callable[[Formula], Callable[..., Any]]:
    """What computes one block of rows after the other."""

    @wraps(prepare)
    def prepared(formula: Formula) -> Callable[..., Any]:
        import numpy as np

        compute = prepare(formula)

        def run(*columns: Any) -> Any:
            results = np.empty((len(formula.results), len(columns[0])))
            for start in range(0, len(columns[0]), ROWS):
                block = slice(start, start + ROWS)
                parts = compute(*(column[block] for column in columns))
                for result, part in zip(results, parts, strict=True):
                    result[block] = part
            return results

        return run

    return prepared


@arrow
@blocks
def numpy(formula: Formula) -> Callable[..., Any]:
    """Array by array."""
    import numpy as np

    def compute(*columns: Any) -> list[Any]:
        c = SimpleNamespace(**dict(zip(formula.names, columns, strict=True)))
        for stage in formula.by_hand(np, c):
            vars(c).update(stage)
        return [vars(c)[name] for name in formula.results]

    return compute


@arrow
@blocks
def jax(formula: Formula) -> Callable[..., Any]:
    """A compiled function of so many rows; were the last block shorter, of two."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    jax.config.update("jax_enable_x64", True)
    f = partial(formula.function, jnp)
    g = jax.jit(jax.vmap(jax.value_and_grad(f, tuple(range(formula.variables)))))

    def compute(*columns: Any) -> list[Any]:
        count = len(columns[0])
        if count < ROWS:
            columns = tuple(np.resize(column, ROWS) for column in columns)
        value, slopes = g(*columns)
        return [np.asarray(result)[:count] for result in (value, *slopes)]

    return compute


@arrow
@blocks
def autograd(formula: Formula) -> Callable[..., Any]:
    """What elementwise_grad does, but that takes a second pass for the value."""
    import autograd.numpy as np
    from autograd import make_vjp

    f = partial(formula.function, np)
    g = make_vjp(f, tuple(range(formula.variables)))

    def compute(*columns: Any) -> list[Any]:
        vjp, value = g(*columns)
        return [value, *vjp(np.ones_like(value))]

    return compute


@arrow
@blocks
def casadi(formula: Formula) -> Callable[..., Any]:
    """A function of a point, mapped over a block, between buffers."""
    import casadi as ca
    import numpy as np

    x = ca.SX.sym("x", formula.variables)
    value = formula.function(ca, *ca.vertsplit(x))
    f = ca.Function("f", [x], [ca.vertcat(value, ca.gradient(value, x))])
    points, results = np.ones((ROWS, x.numel())), np.empty((ROWS, x.numel() + 1))
    buffer, evaluate = f.map(ROWS).buffer()
    buffer.set_arg(0, memoryview(points))
    buffer.set_res(0, memoryview(results))

    def compute(*columns: Any) -> Any:
        count = len(columns[0])
        np.stack(columns, axis=1, out=points[:count])
        evaluate()
        return results[:count].T

    compute.buffer = buffer  # so that it lives as long
    return compute


TOOLS = {tool.__name__: tool for tool in (duckdb, polars, numpy, jax, autograd, casadi)}


def main() -> None:
    """Do what the command line says."""
    tool, formula, source, target = sys.argv[1:]
    TOOLS[tool](FORMULAS[formula], source, target)


if __name__ == "__main__":
    main()
