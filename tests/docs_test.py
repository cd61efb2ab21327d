"""The documentation refers to files and sections that exist, and to the program's real values."""

import re
from pathlib import Path

import pytest

from tfgan_faces.config import Config, TrainingConfig

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/*.md", "export/*.md", "tfgan_faces/pretrained/*/*.md")
    for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_relative_link_leads_to_a_file(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    local = [link for link in links if "://" not in link]
    missing = [link for link in local if not ((ROOT / page).parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_to_a_section_leads_to_one(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^):]*\.md)?#([^)]+)\)", text)
    pages = [ROOT / page.parent / other if other else ROOT / page for other, _ in links]
    missing = [link for link, path in zip(links, pages) if link[1] not in sections(path)]
    assert not missing


def sections(path):
    """Returns the anchors of a page's headings, as GitHub derives them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_table_of_losses_has_the_programs_values():
    text = (ROOT / "docs" / "modes.md").read_text(encoding="utf-8")
    table = text.split("| `--loss` |")[1].split("\n\n")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    assert len(rows) == 6
    for names, balance, optimizer, rate, batch_size, label_smoothing in rows:
        for name in re.findall(r"`(.+?)`", names):
            found = Config(training=TrainingConfig(loss=name)).resolved().training
            assert found.balance == balance.strip()
            adam = f"Adam ({found.beta_1:g}, {found.beta_2:g})"
            assert {"rmsprop": "RMSProp", "adam": adam}[found.optimizer] == optimizer.strip()
            assert found.generator_learning_rate == float(rate)
            assert found.discriminator_learning_rate == float(rate)
            assert found.batch_size == int(batch_size)
            assert found.label_smoothing == float(label_smoothing)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_placeholder_is_left(page):
    assert not re.search(r"\b[A-Z]+_TABLE\b|TODO|FIXME", (ROOT / page).read_text("utf-8"))
