"""Writes results as tables, in the form of Markdown, which reads well on a terminal too."""

# The share of a core that other processes may use beside a measurement.
DISTURBING_SHARE = 0.25


def _table(head, rows):
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]

    def line(row):
        # Names to the left, figures to the right.
        padded = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
    return "\n".join([line(cells[0]), line(rule), *(line(row) for row in cells[1:])])


def _ratio(value):
    return "-" if value is None else f"{value:.2f} ×"


def _megabytes(count):
    return f"{count / 1e6:.1f} MB"


def _percent(share):
    return f"{100 * share:.0f} %"


def _cpu_table(results, per):
    head = [f"CPU per {per}", "median", "lowest", "highest", "to nginx", "per second", "own core", "fake", "client"]
    rows = [
        [
            name,
            f"{result['microseconds']:.2f} µs",
            f"{result['lowest']:.2f}",
            f"{result['highest']:.2f}",
            _ratio(result["ratio"]),
            f"{result['per_second']:,.0f}",
            _percent(result["share"]),
            _percent(result["fake_share"]),
            _percent(result["client_share"]),
        ]
        for name, result in results.items()
    ]
    others = max(result["others_share"] for result in results.values())
    note = f"Other processes used up to {_percent(others)} of a core meanwhile"
    # They share caches and cores with what is measured, for better or worse: ratios of such a run prove little.
    note += ", so this was DISTURBED." if others > DISTURBING_SHARE else "."
    return _table(head, rows) + "\n\n" + note


def _pace_note(results):
    slowest = min(result["pace_kept"] for result in results.values())
    busiest = max(max(result["fake_share"], result["client_share"]) for result in results.values())
    verdict = (
        "so neither the fake nor the client was the bottleneck"
        if slowest > 0.97 and busiest < 0.8
        else "so the MEASUREMENT WAS DISTURBED: repeat it on a machine with less to do"
    )
    return (
        f"{_percent(slowest)} or more of the chunks asked for came through, the fake and the client used at most "
        f"{_percent(busiest)} of a core: {verdict}."
    )


def _counts_table(results):
    head = ["Each", "allocations", "receive", "send", "poll", "epoll_wait", "epoll_ctl", "write", "calls"]
    counters = ["allocations", "receives", "sends", "polls", "epoll_waits", "epoll_changes", "writes", "calls"]
    rows = [[name, *(f"{counts[counter]:.2f}" for counter in counters)] for name, counts in results.items()]
    return _table(head, rows)


def _first_byte_table(results):
    head = ["Time to the first token", "p50", "p99", "p50 added to direct", "p99 added to direct", "p50 added to nginx"]
    nginx = results.get("nginx")
    rows = []
    for name, result in results.items():
        to_nginx = f"{result['p50_microseconds'] - nginx['p50_microseconds']:.0f} µs" if nginx else "-"
        rows.append(
            [
                name,
                f"{result['p50_microseconds']:.0f} µs",
                f"{result['p99_microseconds']:.0f} µs",
                f"{result['added_p50_microseconds']:.0f} µs",
                f"{result['added_p99_microseconds']:.0f} µs",
                to_nginx,
            ]
        )
    return _table(head, rows)


def _watched_table(results):
    head = ["CPU per chunk of /api/chat", "median"]
    rows = [
        ["nobody looks", f"{results['unwatched_microseconds']:.2f} µs"],
        ["the status page is open, metrics are asked for each second", f"{results['watched_microseconds']:.2f} µs"],
        [f"the one to the other, median of {results['pairs']} pairs", f"{results['ratio']:.3f} ×"],
    ]
    return _table(head, rows)


def _memory_rows(memory):
    many = memory["many_resident_bytes"]
    return [
        ["memory, idle", _megabytes(memory["idle_resident_bytes"])],
        ["of it anonymous", _megabytes(memory["idle_anonymous_bytes"])],
        [f"memory, {memory['open_streams']} open streams", _megabytes(memory["open_resident_bytes"])],
        ["per open stream", f"{memory['stream_bytes'] / 1000:.1f} kB"],
        ["memory, after these have ended", _megabytes(memory["after_resident_bytes"])],
        ["of it anonymous", _megabytes(memory["after_anonymous_bytes"])],
        [
            f"memory, {memory['many_streams']} open streams",
            "SKIPPED: too few descriptors" if many is None else _megabytes(many),
        ],
    ]


def _other_table(results):
    memory, startup, binary, listing = (results[key] for key in ("memory", "startup", "binary", "listing"))
    rows = _memory_rows(memory) + [
        [f"start with cache to first /api/tags, median of {startup['starts']}", f"{startup['milliseconds']:.1f} ms"],
        ["slowest of these", f"{startup['highest']:.1f} ms"],
        [
            f"executable, stripped, Swift's runtime {'beside' if binary['swift_runtime_is_shared'] else 'in'} it",
            _megabytes(binary["stripped_bytes"]),
        ],
    ]
    if listing:
        rows.append(["GET /api/tags on one core", f"{listing['per_second']:,.0f} /s"])
        rows.append(["CPU per GET /api/tags", f"{listing['microseconds']:.1f} µs"])
    else:
        rows.append(["GET /api/tags on one core", "SKIPPED: wrk is not installed"])
    return _table(["Proxy", "figure"], rows)


def _limits_table(limits):
    rows = [
        [
            limit["name"],
            "not measured" if limit["figure"] is None else f"{limit['figure']:,.2f}".removesuffix(".00"),
            f"{limit['limit']:,}",
            "kept" if limit["is_kept"] else "EXCEEDED",
        ]
        for limit in limits
    ]
    return _table(["Limit", "figure", "at most", ""], rows)


def _machine_lines(machine):
    libraries = ", ".join(
        f"{name} {machine[name]}" for name in ("glibc", "libmicrohttpd", "libcurl", "sqlite", "nginx") if machine[name]
    )
    return "\n".join(
        [
            f"- {machine['processor']}, {machine['cores']} cores, {machine['memory_bytes'] / 2**30:.0f} GiB, "
            f"{machine['architecture']}, pages of {machine['page_bytes'] // 1024} kB",
            f"- Linux {machine['kernel']}, Debian {machine['debian']}, {machine['swift']}",
            f"- {libraries}",
        ]
        + ([f"- sources at revision {machine['revision']}"] if machine["revision"] else [])
    )


def _counted_sections(results):
    return [
        "## Machine\n\n" + _machine_lines(results["machine"]),
        "## Limits\n\n" + _limits_table(results["limits"]),
        "## Allocations and system calls\n\n" + _counts_table(results["counts"]),
    ]


def _compared_sections(results):
    return [
        "## Streams at the pace of models: 100 streams × 50 chunks/s\n\n"
        + _cpu_table(results["paced"], "chunk") + " " + _pace_note(results["paced"]),
        "## Streams as fast as they go: 4 streams\n\n" + _cpu_table(results["saturated"], "chunk"),
        "## Small chats with stream:false, 8 at a time\n\n" + _cpu_table(results["requests"], "request"),
    ]


def text(results):
    """The whole report, or of as much as was measured."""
    sections = _counted_sections(results)
    if "paced" in results:
        plan = results["plan"]
        note = (
            f"Medians of {plan['rounds']} × {plan['windows']} windows of {plan['window_seconds']} s, the targets taking "
            f"turns. Plain HTTP on the loopback device, on both sides."
        )
        if "nginx" not in results["paced"]:
            note += " **nginx is not installed: nothing to compare with.**"
        sections = [note, *sections, *_compared_sections(results)]
    if "startup" in results:
        sections += [
            "## With the status page open, at the pace of models\n\n" + _watched_table(results["watched"]),
            "## Time to the first token, one request at a time\n\n" + _first_byte_table(results["first_byte"]),
            "## Memory, start and size\n\n" + _other_table(results),
        ]
    else:
        sections.append("## Memory\n\n" + _table(["Proxy", "figure"], _memory_rows(results["memory"])))
    return "\n\n".join(sections) + "\n"
