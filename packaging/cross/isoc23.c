// Debian's static runtime of Swift was compiled against glibc 2.38 or later, whose headers turn these functions into ones of
// C23. Those differ in one thing only: to them "0b1" is a number in base 0 and 2. Debian 12 has the older ones, which the
// runtime uses for numbers in its own environment variables and in mangled names.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }

long long __isoc23_strtoll(const char *text, char **end, int base) { return strtoll(text, end, base); }

int __isoc23_sscanf(const char *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vsscanf(text, format, arguments);
    va_end(arguments);
    return count;
}
