# Completion of ollama-proxy for bash.
_ollama_proxy() {
    local word=${COMP_WORDS[COMP_CWORD]} command='' i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -*) ;;
            *) command=${COMP_WORDS[i]}; break ;;
        esac
    done
    case $command in
        '') mapfile -t COMPREPLY < <(compgen -W \
            "serve check models failures budget explain healthcheck --help --version" -- "$word") ;;
        failures) mapfile -t COMPREPLY < <(compgen -W "--json --clear" -- "$word") ;;
        check | models | budget) mapfile -t COMPREPLY < <(compgen -W "--json" -- "$word") ;;
        explain)
            mapfile -t COMPREPLY < <(compgen -W "--json" -- "$word"; compgen -f -- "$word")
            compopt -o filenames
            ;;
    esac
}
complete -F _ollama_proxy ollama-proxy
