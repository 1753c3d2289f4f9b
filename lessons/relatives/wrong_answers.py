"""Typical slips in the lesson "Relatives", and the hint that each must earn."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="add_animal",
        earns="sum",
        story="Adds the rows of both parents.",
        code="""
def add_animal(A, father, mother):
    n = len(A)
    row = np.zeros(n)
    for parent in (father, mother):
        if parent >= 0:
            row += 1.0 * A[parent]
    known = father >= 0 and mother >= 0
    grown = np.zeros((n + 1, n + 1))
    grown[:n, :n] = A
    grown[n, :n] = row
    grown[:n, n] = row
    grown[n, n] = 1 + (0.5 * A[father, mother] if known else 0.0)
    return grown
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="diagonal-one",
        story="Forgets inbreeding.",
        code="""
def add_animal(A, father, mother):
    n = len(A)
    row = np.zeros(n)
    for parent in (father, mother):
        if parent >= 0:
            row += 0.5 * A[parent]
    known = father >= 0 and mother >= 0
    grown = np.zeros((n + 1, n + 1))
    grown[:n, :n] = A
    grown[n, :n] = row
    grown[:n, n] = row
    grown[n, n] = 1.0
    return grown
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="diagonal-not-halved",
        story="Takes the relationship of the parents for F.",
        code="""
def add_animal(A, father, mother):
    n = len(A)
    row = np.zeros(n)
    for parent in (father, mother):
        if parent >= 0:
            row += 0.5 * A[parent]
    known = father >= 0 and mother >= 0
    grown = np.zeros((n + 1, n + 1))
    grown[:n, :n] = A
    grown[n, :n] = row
    grown[:n, n] = row
    grown[n, n] = 1 + (A[father, mother] if known else 0.0)
    return grown
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="diagonal-f",
        story="Writes F instead of 1 + F.",
        code="""
def add_animal(A, father, mother):
    n = len(A)
    row = np.zeros(n)
    for parent in (father, mother):
        if parent >= 0:
            row += 0.5 * A[parent]
    known = father >= 0 and mother >= 0
    grown = np.zeros((n + 1, n + 1))
    grown[:n, :n] = A
    grown[n, :n] = row
    grown[:n, n] = row
    grown[n, n] = 0.5 * A[father, mother] if known else 0.0
    return grown
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="diagonal-of-parents",
        story="Takes the mean of the parents' diagonals.",
        code="""
def add_animal(A, father, mother):
    n = len(A)
    row = np.zeros(n)
    for parent in (father, mother):
        if parent >= 0:
            row += 0.5 * A[parent]
    known = father >= 0 and mother >= 0
    grown = np.zeros((n + 1, n + 1))
    grown[:n, :n] = A
    grown[n, :n] = row
    grown[:n, n] = row
    grown[n, n] = 0.5 * (A[father, father] + A[mother, mother])
    return grown
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="one-side",
        story="Fills the row and forgets the column.",
        code="""
def add_animal(A, father, mother):
    n = len(A)
    row = np.zeros(n)
    for parent in (father, mother):
        if parent >= 0:
            row += 0.5 * A[parent]
    known = father >= 0 and mother >= 0
    grown = np.zeros((n + 1, n + 1))
    grown[:n, :n] = A
    grown[n, :n] = row
    pass  # grown[:n, n] = row
    grown[n, n] = 1 + (0.5 * A[father, mother] if known else 0.0)
    return grown
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="row-only",
        story="Returns the row.",
        code="""
def add_animal(A, father, mother):
    return 0.5 * A[father] + 0.5 * A[mother]
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="unknown-is-last",
        story="Uses -1 as an index.",
        code="""
def add_animal(A, father, mother):
    row = 0.5 * A[father] + 0.5 * A[mother]
    top = np.column_stack([A, row])
    return np.vstack([top, np.append(row, 1 + 0.5 * A[father, mother])])
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="known-parent-whole",
        story="Averages over the known parents.",
        code="""
def add_animal(A, father, mother):
    n = len(A)
    known = [parent for parent in (father, mother) if parent >= 0]
    row = A[known].mean(axis=0) if known else np.zeros(n)
    corner = 1 + (0.5 * A[father, mother] if len(known) == 2 else 0)
    return np.block([[A, row[:, None]], [row[None], np.array([[corner]])]])
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="one-parent",
        story="Asks the father only.",
        code="""
def add_animal(A, father, mother):
    n = len(A)
    row = 0.5 * A[father] if father >= 0 else np.zeros(n)
    corner = 1 + (0.5 * A[father, mother] if father >= 0 and mother >= 0 else 0)
    return np.block([[A, row[:, None]], [row[None], np.array([[corner]])]])
""",
    ),
    WrongAnswer(
        exercise="add_animal",
        earns="selfed",
        story="Uses a set of parents, so that a selfed plant has one only.",
        code="""
def add_animal(A, father, mother):
    n = len(A)
    row = np.zeros(n)
    for parent in {father, mother}:
        if parent >= 0:
            row = row + 0.5 * A[parent]
    corner = 1 + (0.5 * A[father, mother] if father >= 0 and mother >= 0 else 0)
    return np.block([[A, row[:, None]], [row[None], np.array([[corner]])]])
""",
    ),
    WrongAnswer(
        exercise="inbreeding_of_crosses",
        earns="not-halved",
        story="Forgets the half.",
        code="""
def inbreeding_of_crosses(A, fathers, mothers):
    known = (fathers >= 0) & (mothers >= 0)
    return np.where(known, A[fathers, mothers], 0.0)
""",
    ),
    WrongAnswer(
        exercise="inbreeding_of_crosses",
        earns="quarter",
        story="Halves the kinship again.",
        code="""
def inbreeding_of_crosses(A, fathers, mothers):
    known = (fathers >= 0) & (mothers >= 0)
    return np.where(known, A[fathers, mothers] / 4, 0.0)
""",
    ),
    WrongAnswer(
        exercise="inbreeding_of_crosses",
        earns="one-plus-f",
        story="Returns the diagonal of the offspring.",
        code="""
def inbreeding_of_crosses(A, fathers, mothers):
    known = (fathers >= 0) & (mothers >= 0)
    return np.where(known, 1 + A[fathers, mothers] / 2, 1.0)
""",
    ),
    WrongAnswer(
        exercise="inbreeding_of_crosses",
        earns="parents-f",
        story="Averages the inbreeding of the parents.",
        code="""
def inbreeding_of_crosses(A, fathers, mothers):
    known = (fathers >= 0) & (mothers >= 0)
    return np.where(known, (np.diag(A)[fathers] + np.diag(A)[mothers] - 2) / 2, 0.0)
""",
    ),
    WrongAnswer(
        exercise="inbreeding_of_crosses",
        earns="all-pairs",
        story="Crosses everybody with everybody.",
        code="""
def inbreeding_of_crosses(A, fathers, mothers):
    known = (fathers >= 0) & (mothers >= 0)
    return A[fathers][:, mothers] / 2
""",
    ),
    WrongAnswer(
        exercise="inbreeding_of_crosses",
        earns="unknown-is-last",
        story="Uses -1 as an index.",
        code="""
def inbreeding_of_crosses(A, fathers, mothers):
    known = (fathers >= 0) & (mothers >= 0)
    return A[fathers, mothers] / 2
""",
    ),
    WrongAnswer(
        exercise="inbreeding_of_crosses",
        earns="unknown-left-out",
        story="Leaves out crosses with an unknown parent.",
        code="""
def inbreeding_of_crosses(A, fathers, mothers):
    known = (fathers >= 0) & (mothers >= 0)
    return A[fathers[known], mothers[known]] / 2
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="not-rooted",
        story="Multiplies by the eigenvalues.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    return (vectors * values)[genotyped, :rank]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="vectors-only",
        story="Returns the eigenvectors.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    return vectors[genotyped, :rank]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="ascending",
        story="Keeps the first columns of eigh.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    return (vectors * np.sqrt(values))[genotyped, :rank]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="order",
        story="Keeps the last columns as they come.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    return (vectors * np.sqrt(values))[genotyped][:, -rank:]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="values-not-sorted",
        story="Turns the vectors round and not the values.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    return (vectors[:, ::-1] * np.sqrt(values))[genotyped, :rank]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="rows-not-kept",
        story="Returns all animals.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    return (vectors * np.sqrt(values))[:, :rank]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="first-rows",
        story="Keeps the first rows.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    return (vectors * np.sqrt(values))[: len(genotyped), :rank]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="sorted-rows",
        story="Keeps the rows by a mask.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    return (vectors * np.sqrt(values))[np.isin(np.arange(len(A)), genotyped), :rank]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="own-matrix",
        story="Decomposes the genotyped animals alone.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A[np.ix_(genotyped, genotyped)])
    return (vectors * np.sqrt(values))[:, ::-1][:, :rank]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="rows-as-vectors",
        story="Takes rows for eigenvectors.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    return (vectors.T * np.sqrt(values))[genotyped, :rank]
""",
    ),
    WrongAnswer(
        exercise="pedigree_loadings",
        earns="nan",
        story="Takes roots of tiny negative numbers.",
        code="""
def pedigree_loadings(A, rank, genotyped):
    values, vectors = np.linalg.eigh(A)
    values = np.where(np.abs(values) < 1e-9, -1e-17, values)
    return (vectors * values**0.5)[:, ::-1][genotyped, :rank]
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="elbow-kept",
        story="Keeps the elbow.",
        code="""
def chord_rank(eigenvalues):
    values = np.sort(eigenvalues)[::-1]
    line = np.linspace(values[0], values[-1], len(values))
    return int(np.argmax(line - values)) + 1
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="not-sorted",
        story="Does not sort.",
        code="""
def chord_rank(eigenvalues):
    line = np.linspace(eigenvalues[0], eigenvalues[-1], len(eigenvalues))
    return max(1, int(np.argmax(line - eigenvalues)))
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="ascending",
        story="Sorts from the smallest up.",
        code="""
def chord_rank(eigenvalues):
    values = np.sort(eigenvalues)
    line = np.linspace(values[0], values[-1], len(values))
    return max(1, int(np.argmax(line - values)))
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="largest-drop",
        story="Takes the largest drop.",
        code="""
def chord_rank(eigenvalues):
    values = np.sort(eigenvalues)[::-1]
    line = np.linspace(values[0], values[-1], len(values))
    return int(np.argmax(-np.diff(values))) + 1
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="ratio",
        story="Takes the largest ratio.",
        code="""
def chord_rank(eigenvalues):
    values = np.sort(eigenvalues)[::-1]
    line = np.linspace(values[0], values[-1], len(values))
    return int(np.argmax(values[:-1] / values[1:])) + 1
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="eigenvalue",
        story="Counts eigenvalues of at least 1.",
        code="""
def chord_rank(eigenvalues):
    return int((eigenvalues >= 1).sum())
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="line-to-zero",
        story="Draws the line to zero.",
        code="""
def chord_rank(eigenvalues):
    values = np.sort(eigenvalues)[::-1]
    line = np.linspace(values[0], 0, len(values))
    return max(1, int(np.argmax(line - values)))
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="largest-bend",
        story="Looks for the largest change of slope.",
        code="""
def chord_rank(eigenvalues):
    values = np.sort(eigenvalues)[::-1]
    line = np.linspace(values[0], values[-1], len(values))
    return int(np.argmax(np.diff(values, 2))) + 1
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="above",
        story="Takes the distance without its sign.",
        code="""
def chord_rank(eigenvalues):
    values = np.sort(eigenvalues)[::-1]
    line = np.linspace(values[0], values[-1], len(values))
    return max(1, int(np.argmax(np.abs(line - values))))
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="value",
        story="Returns the eigenvalue at the elbow.",
        code="""
def chord_rank(eigenvalues):
    values = np.sort(eigenvalues)[::-1]
    line = np.linspace(values[0], values[-1], len(values))
    return values[np.argmax(line - values)]
""",
    ),
    WrongAnswer(
        exercise="chord_rank",
        earns="at-least-one",
        story="Returns 0 for a curve that never falls below.",
        code="""
def chord_rank(eigenvalues):
    values = np.sort(eigenvalues)[::-1]
    line = np.linspace(values[0], values[-1], len(values))
    return int(np.argmax(line - values))
""",
    ),
]
