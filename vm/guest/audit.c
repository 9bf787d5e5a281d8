#include "agent.h"
int tool_baseline(int argc, char **argv){(void)argc;(void)argv;return 0;}
int tool_audit(int argc, char **argv){(void)argc;(void)argv;return 0;}
