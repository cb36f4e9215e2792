"""Three folds of recorded motions: choices are made by figures on clips left out of training.

A clip is of a subject, or of an action where its subject is not told, and all clips of one are in
the same fold. Actions are beside the subjects who perform them: basketball_1 to _5 are trials 06_02
to 06_06 in another rig, walking_1 to _5 and walking_extra_13 to _17 are of the subjects 2, 6, 7 and
8, and walking_extra_18 to _34 walk as subject 16 does. With that, the limbs of no clip are within 4
degrees (root mean square, median over its frames) of any frame of another fold.

 0. subjects 2, 6 to 9 and 16; basketball, running, walking, walking_extra: 163 clips, 19,193 frames
 1. subject 29: 17 clips, 15,989 frames
 2. all others; soccer, basketball_signal: 124 clips, 16,754 frames

    fold_of_clip("mb/train/basketball/basketball_1.txt") == 0
"""

from __future__ import annotations

import re

NUM_FOLDS = 3

_FOLD_OF_SUBJECT = {
    **dict.fromkeys((2, 6, 7, 8, 9, 16), 0),
    29: 1,
    **dict.fromkeys((3, 17, 38, 39, 55, 118, 127, 131, 136), 2),
}
_FOLD_OF_ACTION = {
    **dict.fromkeys(("basketball", "running", "walking", "walking_extra"), 0),
    **dict.fromkeys(("basketball_signal", "soccer"), 2),
}
_TRIAL = re.compile(r"(\d+)_\d+(_\d+)?")


def fold_of_clip(name: str, trial: str = "") -> int:
    """The fold, 0 to 2, of a clip of mocap/train2.npz.

    Args:
        name: of the clip, a path; its last part is the trial (".../06/06_13"), or the part before
            it the action ("mb/train/soccer/soccer_1.txt").
        trial: "SUBJECT_TRIAL" of the CMU database; empty: read from the name.

    Raises:
        ValueError: a clip of no known subject or action.
    """
    folder, _, last = name.rpartition("/")
    found = _TRIAL.fullmatch(trial or last)
    action = folder.rpartition("/")[2]
    fold = _FOLD_OF_SUBJECT.get(int(found[1])) if found else _FOLD_OF_ACTION.get(action)
    if fold is None:
        who = f"subject {int(found[1])}" if found else f"action {action!r}"
        raise ValueError(f"clip {name}: expected a subject or an action of a fold, got {who}")
    return fold
