// SPDX-License-Identifier: GPL-2.0
#include "files.h"

#include "settings.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void remove_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	rmdir(path);
}

int write_file(const char *path, const char *text)
{
	char *new = format("%s.new-%d", path, getpid());
	FILE *file = fopen(new, "we");
	int status = -1;

	if (file) {
		fputs(text, file);
		status = ferror(file) | fclose(file);
		status = status || rename(new, path) ? -1 : 0;
		if (status)
			unlink(new);
	}
	free(new);
	return status;
}
