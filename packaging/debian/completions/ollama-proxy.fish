# Completion of ollama-proxy for fish.
set -l commands serve check models failures budget explain healthcheck
complete -c ollama-proxy -f
complete -c ollama-proxy -n "not __fish_seen_subcommand_from $commands" -a serve -d 'Run the server'
complete -c ollama-proxy -n "not __fish_seen_subcommand_from $commands" -a check -d 'Look at everything that has to be right'
complete -c ollama-proxy -n "not __fish_seen_subcommand_from $commands" -a models -d 'List the models'
complete -c ollama-proxy -n "not __fish_seen_subcommand_from $commands" -a failures -d 'List what failed'
complete -c ollama-proxy -n "not __fish_seen_subcommand_from $commands" -a budget -d 'Say what is left of the free requests'
complete -c ollama-proxy -n "not __fish_seen_subcommand_from $commands" -a explain -d 'Say which models would be asked'
complete -c ollama-proxy -n "not __fish_seen_subcommand_from $commands" -a healthcheck -d 'Ask the running server how it is'
complete -c ollama-proxy -n '__fish_seen_subcommand_from check models failures budget explain' -l json -d 'Print JSON'
complete -c ollama-proxy -n '__fish_seen_subcommand_from failures' -l clear -d 'Forget failures'
complete -c ollama-proxy -n '__fish_seen_subcommand_from explain' -F
complete -c ollama-proxy -s h -l help -d 'Print help'
complete -c ollama-proxy -s v -l version -d 'Print the version'
