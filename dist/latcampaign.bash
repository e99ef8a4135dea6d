# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# bash completion for latcampaign

_latcampaign() {
    local commands="check plan build prepare unprepare start status stop log report compare import"
    local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}

    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$current")
        return
    fi
    local names
    names=$(find @STATEDIR@ -mindepth 1 -maxdepth 1 -type d -printf '%f ' 2>/dev/null)
    case $command in
    check) mapfile -t COMPREPLY < <(compgen -f -W "--machine --set" -- "$current") ;;
    plan) mapfile -t COMPREPLY < <(compgen -f -W "--json --set" -- "$current") ;;
    start | build) mapfile -t COMPREPLY < <(compgen -f -W "--set" -- "$current") ;;
    prepare) mapfile -t COMPREPLY < <(compgen -f -W "--dry-run --yes --set" -- "$current") ;;
    unprepare) mapfile -t COMPREPLY < <(compgen -W "--yes" -- "$current") ;;
    import)
        mapfile -t COMPREPLY < <(compgen -f -W "--interval --duration --setup --experiment --histogram --boots" -- "$current")
        ;;
    compare) mapfile -t COMPREPLY < <(compgen -d -W "$names" -- "$current") ;;
    report) mapfile -t COMPREPLY < <(compgen -W "$names --text --latex" -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$names --json --now" -- "$current") ;;
    esac
}
complete -F _latcampaign latcampaign
