"""Measures whether a run's faces show women as often as the photos of LFW do.

    python -m benchmarks.women LFW_ARCHIVE RUN [RUN ...] [--cache_dir=cache] [--count=5000]

LFW does not say who is a woman. A linear classifier of the features of lfw-face-1 learns it from
the people's first names, as far as these are in the lists below. So it is a rough measure, which
says nothing about a single face. The shares are corrected for the classifier's errors with people
whom it has not seen.
"""

import argparse

import numpy as np

from benchmarks.measuring import describe_machine
from tfgan_faces.config import Config, DataConfig
from tfgan_faces.data.batches import examples
from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.batches.people import held_out
from tfgan_faces.data.records.preparation import prepare
from tfgan_faces.evaluation.features import Features
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.runs.run_directory import RunDirectory

_SIZE, _RIDGE = 64, 1.0
_WOMEN = """
Alexandra Alicia Allison Amanda Amber Amy Ana Anastasia Angela Angie Anna Anne Annette Annie Ashley
Audrey Barbara Beth Betty Bonnie Brenda Brooke Carla Carol Carolina Caroline Carolyn Catherine
Cathy Cecilia Charlotte Cheryl Christine Cindy Claire Clare Claudia Colleen Connie Cristina Cynthia
Daniela Debbie Debra Denise Diana Diane Dianne Donna Doris Dorothy Eileen Elaine Elena Eliza
Elizabeth Ellen Emily Emma Emmanuelle Erika Eva Flavia Florencia Gabrielle Georgina Gina Gloria
Grace Hana Heather Irina Jacqueline Jane Janet Jennifer Jessica Joan Judy Julia Julie Karen Karin
Kate Kathy Katie Kirsten Kristin Laura Laurie Linda Lisa Margaret Maria Mariana Marina Martha Mary
Melissa Michelle Mona Monica Monique Nancy Naomi Natalia Natalie Natasha Nicole Nikki Patricia
Patsy Patti Patty Paula Penelope Rachel Rita Ruth Sally Sandra Sarah Sharon Sheila Stella Stephanie
Sue Susan Suzanne Tara Tatiana Teresa Tina Vanessa
"""
_MEN = """
Aaron Abdul Abdullah Adam Adrian Ahmad Ahmed Alan Albert Alberto Alejandro Alexander Alfredo Allan
Allen Alvaro Andrei Andres Andrew Andy Anthony Antonio Arnold Arthur Barry Ben Benjamin Bernard
Bill Billy Bob Bobby Boris Brad Brandon Brendan Brett Brian Bruce Bryan Calvin Carl Carlos Charles
Charlie Chris Christopher Chuck Clay Colin Craig Curtis Dan Daniel Danny Darrell Daryl Dave David
Dean Dennis Derek Dick Diego Don Donald Doug Douglas Earl Ed Eddie Eduardo Edward Enrique Eric
Ernie Federico Felipe Felix Fernando Francisco Frank Franz Fred Gary Gene George Gerald Gerard
Gordon Greg Guillermo Gustavo Hank Hans Harry Hector Henry Howard Hugh Hugo Ian Ibrahim Ivan Jack
Jacques Jake James Jason Javier Jay Jeff Jeffrey Jeremy Jerry Jesse Jim Jimmy Joe Joey John Johnny
Jon Jonathan Jorge Jose Joseph Josh Joshua Juan Juergen Julio Justin Keith Ken Kenneth Kevin Kirk
Kurt Larry Lawrence Leonard Leonardo Lionel Lloyd Luis Luke Malcolm Manuel Marc Marco Marcos Marcus
Mario Mark Martin Matt Matthew Maurice Max Michael Miguel Mike Mikhail Mitchell Mohamed Mohammad
Mohammed Nathan Nelson Nestor Nick Nicolas Norman Omar Oscar Patrick Paul Pedro Pete Peter Phil
Philip Pierre Rainer Ralph Ramon Randy Raul Ray Ricardo Richard Rick Ricky Rob Robert Roberto
Rodrigo Roger Roman Ron Ronald Roy Ruben Russell Ryan Sam Scott Sean Sebastian Sergei Sergio Shane
Simon Stanley Stefan Stephen Steve Steven Stuart Ted Thomas Tim Timothy Todd Tom Tommy Tony Troy
Vicente Vince Vincent Vladimir Warren Wayne William Wolfgang
"""


def main():
    """Prints the classifier's accuracy, and a row for the photos and for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    parser.add_argument("runs", nargs="+", help="run directories at 64x64")
    parser.add_argument("--cache_dir", default="cache", help="folder of prepared photos")
    parser.add_argument("--count", type=int, default=5000, help="faces of each run")
    options = parser.parse_args()
    data = DataConfig("lfw", data_dir=options.archive, image_size=_SIZE)
    builder = prepare(Config(data).resolved().data, options.cache_dir)
    people, names = map(np.array, examples.people_and_names(builder))
    is_held_out, features = held_out(people, names), Features()
    training, others = (
        features(read_photos(builder, side)[:]) for side in ("training", "held_out")
    )
    classify = _classifier(training, _one_each(people[~is_held_out]))
    signs = _one_each(people[is_held_out])
    found, mistaken = (classify(others[signs == sign]).mean() for sign in (1, -1))
    print(describe_machine())
    print(
        f"of {np.sum(signs == 1)} women and {np.sum(signs == -1)} men by their first names, "
        f"{found:.1%} and {mistaken:.1%} are classified as women"
    )

    def print_row(name, features):
        share = (classify(features).mean() - mistaken) / (found - mistaken)
        print(f"| {name} | {len(features):,} | {share:.1%} |", flush=True)

    print("| images | count | women |\n|---|---|---|")
    print_row("photos of training people", training)
    print_row("photos of held-out people", others)
    for path in options.runs:
        generator, step = RunDirectory(path).averaged_generator()
        faces = faces_of_seeds(generator, range(options.count))
        print_row(f"{path}, step {step:,}", features(faces))


def _one_each(people):
    """Returns +1 for one photo of each woman, -1 for one of each man, 0 for all other photos."""
    first_names = {name: 1.0 for name in _WOMEN.split()} | {name: -1.0 for name in _MEN.split()}
    signs = np.zeros(len(people))
    indices = np.unique(people, return_index=True)[1]
    signs[indices] = [first_names.get(person.split("_")[0], 0.0) for person in people[indices]]
    return signs


def _classifier(features, signs):
    """Returns a function of features to bools: which faces look more like the women.

    It is a ridge regression of the signs, in which women and men weigh the same.
    """
    mean = features[signs != 0].mean(0)
    weights = (signs > 0) / np.sum(signs > 0) + (signs < 0) / np.sum(signs < 0)
    inputs = np.column_stack([features - mean, np.ones(len(features))])
    weighted = inputs * weights[:, None] * len(features[signs != 0]) / 2
    matrix = weighted.T @ inputs + _RIDGE * np.eye(inputs.shape[1])
    solution = np.linalg.solve(matrix, weighted.T @ signs)
    return lambda found: np.column_stack([found - mean, np.ones(len(found))]) @ solution > 0


if __name__ == "__main__":
    main()
