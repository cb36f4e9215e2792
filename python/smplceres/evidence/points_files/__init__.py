"""Files of points in space: joints, keypoints and markers of persons."""
