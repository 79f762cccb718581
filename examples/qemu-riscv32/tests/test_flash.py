"""Flash: what it keeps, what it refuses, and what is left after a power cut."""

import contextlib
import hashlib

from qemu import POWER_CUT, Ended

PAGE = 4096

# What a machine is told until its power fails: enough to turn over pages of both logs.
WORK = [
    command
    for step in range(1, 46)
    for command in (f"put {step} {step}{'r' * 150}", f"set {step % 4 + 1} {step}{'v' * 150}", f"discard {step - 9}")[
        : 2 + (step > 9)
    ]
]


def work(board, **options):
    """Starts it, tells it all that, and returns what it answered before it ended."""
    board.start(**options)
    done = []
    with contextlib.suppress(Ended):
        board.expect("ready")
        for command in WORK:
            board.ask(command)
            done.append(command)
    return done


def expected(commands):
    """What a machine must still know after these: questions and their answers."""
    answers = {}
    for command in commands:
        kind, number, *text = command.split()
        match kind:
            case "put":
                answers[f"after {int(number) - 1}"] = f"{number} {text[0]}"
            case "set":
                answers[f"value {number}"] = text[0]
            case "discard":
                del answers[f"after {int(number) - 1}"]
    return answers


def test_keeps_what_was_answered(machine):
    board = machine()
    board.ready()
    board.ask("put 1 first")
    board.ask("put 2 second")
    board.ask("set 9 value")
    board.kill()
    assert board.ready().startswith("starts=2 ")
    assert board.ask("after 0") == "1 first"
    assert board.ask("after 1") == "2 second"
    assert board.ask("value 9") == "value"
    board.ask("discard 1")
    board.ask("put 3 third")
    board.kill()
    board.ready()
    assert board.ask("after 0") == "2 second"
    assert board.ask("after 2") == "3 third"
    assert board.ask("after 3") == "none"


def test_a_word_is_written_once(machine):
    board = machine()
    board.ready()
    assert board.ask("word 0") == "ffffffff"
    assert board.ask("word 0 0ff0ff00") == "0ff0ff00"
    board.send("word 0 00000000")
    assert board.expect("error") == "flash: NotErased"
    assert board.ask("word 0") == "0ff0ff00"
    board.kill()
    board.ready()
    assert board.ask("word 0") == "0ff0ff00"
    board.ask("erase 0")
    assert board.ask("word 0") == "ffffffff"


def test_an_erase_is_of_one_page(machine):
    board = machine()
    board.ready()
    for offset in (0, PAGE - 4, PAGE, 2 * PAGE - 4, 2 * PAGE):
        board.ask(f"word {offset} 12345678")
    assert board.fields(f"erase {PAGE}")["operations"] == 2
    words = [board.ask(f"word {offset}") for offset in (0, PAGE - 4, PAGE, 2 * PAGE - 4, 2 * PAGE)]
    assert words == ["12345678", "12345678", "ffffffff", "ffffffff", "12345678"]


def test_what_is_not_in_the_flash_or_not_whole(machine):
    board = machine()
    board.ready()
    store = 5 * PAGE
    end = 32 * 1024 * 1024 - store
    board.ask(f"word {end - 4} 00000000")
    for command, error in {
        f"word {end} 00000000": "OutOfBounds",
        f"word {end - 2}": "OutOfBounds",
        "word 4294967292 00000000": "OutOfBounds",
        "word 2 00000000": "NotAligned",
        f"erase {end}": "OutOfBounds",
        f"erase {PAGE // 2}": "NotAligned",
    }.items():
        board.send(command)
        assert board.expect("error") == f"flash: {error}", command


def test_a_power_cut_comes_where_it_was_asked_for(machine, flashes):
    def cut(operation):
        board = machine(flashes.copy())
        work(board, power_cut=operation)
        assert board.exit_code() == POWER_CUT
        return hashlib.sha256(board.flash.read_bytes()).digest()

    first, second, third = cut(40), cut(40), cut(41)
    assert first == second != third


def test_no_power_cut_loses_what_was_answered(machine, flashes):
    board = machine()
    assert work(board) == WORK
    operations = board.fields("info")["operations"]
    board.kill()
    # In the first start, in the middle of records and values, and while pages are turned over.
    for operation in range(1, operations, operations // 24):
        board = machine(flashes.copy())
        done = work(board, power_cut=operation)
        assert board.exit_code() == POWER_CUT
        board.ready()
        before, after = expected(done), expected(WORK[: len(done) + 1])
        # The command that was cut short has happened or not.
        for question in before.keys() & after.keys():
            assert board.ask(question) in (before[question], after[question]), operation
        board.kill()
        board.flash.unlink()
